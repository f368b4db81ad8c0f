// swift-tools-version: 6.2
import PackageDescription

// The bridge to Lua and its tests as a package of their own, so that a build with a sanitizer does not
// build the whole provider. The targets are links into ../../Sources and ../../Tests.

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "sanitized-bridge",
  targets: [
    .target(
      name: "CJSON", linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("stdc++")]),
    .target(name: "CLua", dependencies: ["CJSON"], linkerSettings: [.linkedLibrary("lua5.4")]),
    .target(name: "JSONValue", dependencies: ["CJSON"], swiftSettings: settings),
    .target(name: "LuaBridge", dependencies: ["CLua", "JSONValue"], swiftSettings: settings),
    .testTarget(
      name: "LuaBridgeTests", dependencies: ["LuaBridge", "JSONValue"], swiftSettings: settings),
  ],
  cxxLanguageStandard: .cxx17
)
