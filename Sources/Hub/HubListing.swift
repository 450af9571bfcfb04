import Foundation

/// A file in a repository, as the Hub lists it.
public struct HubFile: Sendable, Hashable {
  public let path: String
  /// Bytes.
  public let size: Int
  let digest: Digest

  /// What the content must hash to; also its name among the cache's blobs. Lower-case hexadecimal.
  enum Digest: Sendable, Hashable {
    /// Large files, which the Hub keeps apart from git.
    case sha256(String)
    /// SHA-1 over "blob <size>\0" and the content.
    case gitBlob(String)

    var text: String {
      switch self {
      case .sha256(let text), .gitBlob(let text): text
      }
    }
  }
}

/// A repository's files at one commit.
struct HubListing: Sendable {
  let commit: String
  let files: [HubFile]

  /// Reads the answer of `/api/<kind>s/<name>/revision/<revision>?blobs=true`.
  /// - Throws: `HubError.notAListing` where it is none, or names what no file may be named.
  init(json: Data, address: String) throws {
    struct Answer: Decodable {
      struct Sibling: Decodable {
        struct Large: Decodable {
          var sha256: String
          var size: Int
        }
        var rfilename: String
        var size: Int?
        var blobId: String?
        var lfs: Large?
      }
      var sha: String
      var siblings: [Sibling]
    }
    func wrong(_ problem: String) -> HubError { .notAListing(address: address, problem: problem) }

    guard let answer = try? JSONDecoder().decode(Answer.self, from: json) else {
      throw wrong("it is not the JSON that lists a repository's files")
    }
    guard HubReference.isCommit(answer.sha) else { throw wrong("it names no commit") }
    commit = answer.sha
    files = try answer.siblings.map { sibling in
      let path = sibling.rfilename
      guard HubReference.isSafePath(path) else { throw wrong("a file's name would lead out of its folder") }
      guard let size = sibling.lfs?.size ?? sibling.size, 0..<1 << 53 ~= size else {
        throw wrong("\(path) has no size that a file can have")
      }
      let digest: HubFile.Digest? = sibling.lfs.map { .sha256($0.sha256) } ?? sibling.blobId.map { .gitBlob($0) }
      guard let digest, HubReference.isHexadecimal(digest.text),
        digest.text.count == (sibling.lfs == nil ? 40 : 64)
      else { throw wrong("\(path) has no digest") }
      return HubFile(path: path, size: size, digest: digest)
    }
  }
}
