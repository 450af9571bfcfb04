// What a study names on the Hugging Face Hub (`hf://owner/name@revision`), fetched into the cache that other tools share.
//
// May import: libcurl (nobody else does) and Crypto. It knows repositories, commits and files, and no model.
//
//     HubReference   a name as a study writes it; HubUse, which files are wanted of it
//     HubClient      lists and downloads; Patience, what is tried again and when
//     HubCache       snapshots and blobs as `huggingface_hub` lays them out; PartialFile goes on where a transfer stopped
//     HubFetch       all of it for one study
//
// docs/fetching.md has the user's side. Start with `HubFetch.swift`.
