// swift-tools-version: 6.1
import Foundation
import PackageDescription

// oneDNN is used where the headers of version 2 are, whose interface Kernels speaks; CLEARBOX_WITHOUT_ONEDNN=1 builds
// without it all the same.
let hasOneDNN =
  Context.environment["CLEARBOX_WITHOUT_ONEDNN"] == nil
  && ["/usr/include", "/usr/local/include"].contains { folder in
    let header = try? String(contentsOfFile: folder + "/oneapi/dnnl/dnnl_version.h", encoding: .utf8)
    return header?.contains("#define DNNL_VERSION_MAJOR 2") ?? false
  }

// Data flows one way: Experiments → run file → Analysis → Report.
// Report and Analysis never import Experiments: they know runs, not models. Plot and Words know neither: marks and words.
let package = Package(
  name: "clearbox",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "clearbox", targets: ["clearbox"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
  ],
  targets: [
    // MARK: Doors to C libraries, one module each, each with a single importer

    .systemLibrary(
      name: "CHDF5", pkgConfig: "hdf5-serial", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(
      name: "CCairo", pkgConfig: "cairo-ft", providers: [.apt(["libcairo2-dev"])]),
    .systemLibrary(
      name: "CCodecs", providers: [.apt(["zlib1g-dev", "libdeflate-dev", "libzstd-dev", "libsnappy-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CKernels"),

    // MARK: Getting

    .target(
      name: "Hub",
      dependencies: ["CCurl", "Codecs", "Digests"]),

    // MARK: Measuring

    .target(name: "Digests", dependencies: ["CCrypto"]),
    .target(name: "NumpyRandom"),
    .target(
      name: "Kernels", dependencies: ["CKernels"] + (hasOneDNN ? ["COneDNN"] : []),
      swiftSettings: hasOneDNN ? [.define("ONEDNN")] : []),
    .target(
      name: "RunFile",
      dependencies: ["CHDF5", "Codecs", "Digests"]),
    .target(name: "Measures", dependencies: ["RunFile"]),
    .target(name: "Codecs", dependencies: ["CCodecs"]),
    .target(name: "Parquet", dependencies: ["Codecs"]),
    .target(
      name: "Experiments",
      dependencies: [
        "Codecs", "Hub", "Kernels", "Measures", "NumpyRandom", "Parquet", "RunFile", "Words",
        "Digests",
        .product(name: "Yams", package: "Yams"),
      ]),

    // MARK: Reading what was measured

    .target(
      name: "Analysis",
      dependencies: [
        "CKernels", "Digests", "Measures", "NumpyRandom", "RunFile", .product(name: "Yams", package: "Yams"),
      ]),
    .target(
      name: "Exchange",
      dependencies: ["Analysis", "Codecs", "Measures", "RunFile", "Digests"]),
    .target(name: "Words"),
    .target(name: "Plot", dependencies: ["CCairo", "Codecs", "Words"]),
    .target(
      name: "Report",
      dependencies: [
        "Analysis", "Measures", "Plot", "RunFile", "Words", "Digests",
        .product(name: "Mustache", package: "swift-mustache"), .product(name: "Yams", package: "Yams"),
      ]),

    // MARK: The command

    .plugin(name: "BuildStampPlugin", capability: .buildTool(), path: "Plugins/BuildStamp"),
    .target(name: "BuildStamp", plugins: ["BuildStampPlugin"]),
    .executableTarget(
      name: "clearbox",
      dependencies: [
        "Analysis", "BuildStamp", "Exchange", "Experiments", "Hub", "Kernels", "Measures", "Plot", "Report", "RunFile",
        "Words",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // MARK: Speed

    .executableTarget(
      name: "bench",
      dependencies: [
        "Experiments", "FabricatedRuns", "Kernels", "Plot", "RunFile", "Words",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        "Digests",
      ], path: "Benchmarks/Harness"),

    // MARK: Tests

    .target(
      name: "FuzzedReaders",
      dependencies: [
        "Analysis", "Exchange", "Experiments", "FabricatedFindings", "Measures", "Parquet", "Report", "RunFile",
      ], path: "Tests/Fuzz/Readers"),
    .testTarget(name: "FuzzCorpusTests", dependencies: ["FuzzedReaders"], path: "Tests/Fuzz/Replay"),

    .target(name: "HubServer", path: "Tests/HubServer", exclude: ["hub_server.py"]),
    .testTarget(
      name: "HubTests", dependencies: ["Hub", "HubServer", "Digests"],
      resources: [.copy("Goldens")]),
    .testTarget(name: "NumpyRandomTests", dependencies: ["NumpyRandom"]),
    .testTarget(
      name: "ParquetTests", dependencies: ["Parquet", "Digests"],
      resources: [.copy("Goldens")]),
    .target(
      name: "KernelReferences", dependencies: ["CKernels"], path: "Tests/KernelReferences", exclude: ["arm"]),
    .testTarget(name: "KernelsTests", dependencies: ["CKernels", "KernelReferences", "Kernels"]),
    .target(
      name: "FabricatedRuns", dependencies: ["Measures", "RunFile"], path: "Tests/FabricatedRuns"),
    .testTarget(
      name: "RunFileTests", dependencies: ["FabricatedRuns", "RunFile"], exclude: ["Scripts"]),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: ["Digests", "Experiments", "FabricatedRuns", "Kernels", "Measures", "NumpyRandom", "RunFile"],
      resources: [.copy("Goldens")]),
    .testTarget(
      name: "AnalysisTests", dependencies: ["Analysis", "FabricatedRuns", "Measures", "RunFile"],
      resources: [.copy("Goldens")]),
    .testTarget(
      name: "ExchangeTests", dependencies: ["Analysis", "Exchange", "FabricatedRuns", "Measures", "RunFile"],
      exclude: ["Scripts"], resources: [.copy("Goldens")]),
    .testTarget(name: "WordsTests", dependencies: ["Words"]),
    .target(
      name: "FabricatedFindings", dependencies: ["Analysis", "Measures", "RunFile"], path: "Tests/FabricatedFindings"),
    .testTarget(
      name: "PlotTests",
      dependencies: [
        "Analysis", "CCairo", "Codecs", "FabricatedFindings", "FabricatedRuns", "Measures", "Plot", "Report", "Words",
        "Digests",
      ], exclude: ["Goldens", "Scripts"]),
    .testTarget(
      name: "ReportTests",
      dependencies: [
        "Analysis", "FabricatedFindings", "FabricatedRuns", "Measures", "Plot", "Report", "RunFile", "Words",
        "Digests",
      ]),
    .testTarget(
      name: "BrowserTests", dependencies: ["FabricatedFindings", "FabricatedRuns", "Report"], exclude: ["Scripts"]),
    .testTarget(
      name: "ToyTests",
      dependencies: [
        "Analysis", "Experiments", "FabricatedFindings", "FabricatedRuns", "Measures", "Plot", "Report", "RunFile",
        "Words",
      ]),
    .testTarget(
      name: "AcceptanceTests",
      dependencies: [
        "Experiments", "Analysis", "Hub", "HubServer", "Kernels", "Measures", "NumpyRandom", "Plot", "Report",
        "RunFile",
        "FabricatedRuns",
        "bench", "clearbox", "Digests",
      ],
      resources: [.copy("Goldens")]),
  ]
)

// The fuzzer is built by `make fuzz` alone: it links libFuzzer.
if Context.environment["CLEARBOX_FUZZ"] == "1" {
  package.targets += [
    .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
    .executableTarget(name: "fuzz", dependencies: ["CFuzzer", "FuzzedReaders"], path: "Tests/Fuzz/Driver"),
  ]
}

if hasOneDNN {
  package.targets.append(.systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]))
}
