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

// Data flows one way: Experiments → run file → Analysis → Plot → Report.
// Report, Plot and Analysis never import Experiments: they know runs, not models.
let package = Package(
  name: "clearbox",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "clearbox", targets: ["clearbox"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
  ],
  targets: [
    // MARK: Doors to C libraries, one module each, each with a single importer

    .systemLibrary(
      name: "CHDF5", pkgConfig: "hdf5-serial", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(
      name: "CCairo", pkgConfig: "cairo-ft", providers: [.apt(["libcairo2-dev"])]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(
      name: "CCodecs", providers: [.apt(["zlib1g-dev", "libdeflate-dev", "libzstd-dev", "libsnappy-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(name: "CKernels"),

    // MARK: Getting

    .target(
      name: "Hub",
      dependencies: ["CCurl", "Codecs", .product(name: "Crypto", package: "swift-crypto")]),

    // MARK: Measuring

    .target(name: "NumpyRandom"),
    .target(
      name: "Kernels", dependencies: ["CKernels", "COpenBLAS"] + (hasOneDNN ? ["COneDNN"] : []),
      swiftSettings: hasOneDNN ? [.define("ONEDNN")] : []),
    .target(
      name: "RunFile",
      dependencies: ["CHDF5", "Codecs", .product(name: "Crypto", package: "swift-crypto")]),
    .target(name: "Codecs", dependencies: ["CCodecs"]),
    .target(name: "Parquet", dependencies: ["Codecs"]),
    .target(
      name: "Experiments",
      dependencies: [
        "Codecs", "Hub", "Kernels", "NumpyRandom", "Parquet", "RunFile",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Yams", package: "Yams"),
      ]),

    // MARK: Reading what was measured

    .target(
      name: "Analysis",
      dependencies: ["CKernels", "NumpyRandom", "RunFile", .product(name: "Yams", package: "Yams")]),
    .target(
      name: "Exchange",
      dependencies: ["Analysis", "Codecs", "RunFile", .product(name: "Crypto", package: "swift-crypto")]),
    .target(name: "Plot", dependencies: ["Analysis", "CCairo", "Codecs", "RunFile"]),
    .target(
      name: "Report",
      dependencies: [
        "Analysis", "Plot", "RunFile", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Mustache", package: "swift-mustache"), .product(name: "Yams", package: "Yams"),
      ]),

    // MARK: The command

    .plugin(name: "BuildStampPlugin", capability: .buildTool(), path: "Plugins/BuildStamp"),
    .target(name: "BuildStamp", plugins: ["BuildStampPlugin"]),
    .executableTarget(
      name: "clearbox",
      dependencies: [
        "Analysis", "BuildStamp", "Exchange", "Experiments", "Hub", "Plot", "Report", "RunFile",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // MARK: Speed

    .executableTarget(
      name: "bench",
      dependencies: [
        "Experiments", "FabricatedRuns", "Kernels", "Plot", "RunFile",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Crypto", package: "swift-crypto"),
      ], path: "Benchmarks/Harness"),

    // MARK: Tests

    .target(name: "HubServer", path: "Tests/HubServer", exclude: ["hub_server.py"]),
    .testTarget(
      name: "HubTests", dependencies: ["Hub", "HubServer", .product(name: "Crypto", package: "swift-crypto")],
      resources: [.copy("Goldens")]),
    .testTarget(name: "NumpyRandomTests", dependencies: ["NumpyRandom"]),
    .testTarget(
      name: "ParquetTests", dependencies: ["Parquet", .product(name: "Crypto", package: "swift-crypto")],
      resources: [.copy("Goldens")]),
    .target(name: "KernelLevels", dependencies: ["CKernels"], path: "Tests/KernelLevels"),
    .testTarget(name: "KernelsTests", dependencies: ["CKernels", "KernelLevels", "Kernels"]),
    .target(
      name: "FabricatedRuns", dependencies: ["RunFile"], path: "Tests/FabricatedRuns"),
    .testTarget(
      name: "RunFileTests", dependencies: ["FabricatedRuns", "RunFile"], exclude: ["Scripts"]),
    .testTarget(
      name: "ExperimentsTests", dependencies: ["Experiments", "FabricatedRuns", "Kernels", "RunFile"], resources: [.copy("Goldens")]),
    .testTarget(
      name: "AnalysisTests", dependencies: ["Analysis", "FabricatedRuns", "RunFile"], resources: [.copy("Goldens")]),
    .testTarget(
      name: "ExchangeTests", dependencies: ["Analysis", "Exchange", "FabricatedRuns", "RunFile"],
      exclude: ["Scripts"], resources: [.copy("Goldens")]),
    .target(name: "FabricatedFindings", dependencies: ["Analysis", "RunFile"], path: "Tests/FabricatedFindings"),
    .testTarget(
      name: "PlotTests",
      dependencies: [
        "Analysis", "CCairo", "Codecs", "FabricatedFindings", "FabricatedRuns", "Plot",
        .product(name: "Crypto", package: "swift-crypto"),
      ], exclude: ["Goldens", "Scripts"]),
    .testTarget(
      name: "ReportTests",
      dependencies: [
        "Analysis", "FabricatedFindings", "FabricatedRuns", "Plot", "Report", "RunFile",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .testTarget(
      name: "BrowserTests", dependencies: ["FabricatedFindings", "FabricatedRuns", "Report"], exclude: ["Scripts"]),
    .testTarget(
      name: "AcceptanceTests",
      dependencies: [
        "Experiments", "Analysis", "Hub", "HubServer", "Kernels", "NumpyRandom", "Plot", "RunFile", "FabricatedRuns",
        "clearbox",
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      resources: [.copy("Goldens")]),
  ]
)

if hasOneDNN {
  package.targets.append(.systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]))
}
