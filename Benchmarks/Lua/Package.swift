// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that `swift build` of the provider does not build benchmarks. The targets
// it measures are links into ../../Sources: their declarations have access level `package`.

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "lua-bench",
  targets: [
    .target(
      name: "CJSON", linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("stdc++")]),
    .target(name: "CLua", dependencies: ["CJSON"], linkerSettings: [.linkedLibrary("lua5.4")]),
    .target(name: "JSONValue", dependencies: ["CJSON"], swiftSettings: settings),
    .target(name: "LuaBridge", dependencies: ["CLua", "JSONValue"], swiftSettings: settings),
    // The thread on which the provider runs scripts.
    .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
    .target(name: "HTTPTransport", dependencies: ["CCurl"], swiftSettings: settings),
    // What the bridge is compared with, and a server that answers.
    .target(name: "BareHost", dependencies: ["CJSON"], linkerSettings: [.linkedLibrary("lua5.4")]),
    .executableTarget(
      name: "lua-bench", dependencies: ["LuaBridge", "JSONValue", "HTTPTransport", "BareHost"],
      exclude: ["Hostile/HostileScriptTests.swift", "Hostile/HostileFairnessTests.swift"],
      swiftSettings: settings),
  ],
  cxxLanguageStandard: .cxx17
)
