// swift-tools-version: 6.2
import PackageDescription

/// One list for every Swift target: language mode 6, no warning survives, every use of an unsafe
/// construct is spelled out.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  // What the linker is to lay side by side needs a section of its own; `make release` builds the
  // packages that we depend on so, too.
  .unsafeFlags(["-Xfrontend", "-function-sections"], .when(configuration: .release)),
]

let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(
  name: "UnixSignals", package: "swift-service-lifecycle")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTesting: Target.Dependency = .product(
  name: "HummingbirdTesting", package: "hummingbird")
let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

/// The functions that a run executes, one mangled name a line.
let functionOrder = Context.packageDirectory + "/Sources/provider-discord/function-order.txt"

/// Gathers the functions that have no name to be listed by.
let privateFunctions = Context.packageDirectory + "/Sources/provider-discord/private-functions.ld"

let package = Package(
  name: "provider-discord",
  products: [.executable(name: "provider-discord", targets: ["provider-discord"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // The seams: the only targets that see liblua, libcurl and simdjson.
    .target(
      name: "CJSON", linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("stdc++")]),
    .target(
      name: "CLua", dependencies: ["CJSON"], linkerSettings: [.linkedLibrary("lua5.4")]),
    .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
    .target(name: "CMemory"),

    .target(name: "JSONValue", dependencies: ["CJSON"], swiftSettings: settings),
    .target(name: "HTTPTransport", dependencies: ["CCurl"], swiftSettings: settings),
    .target(
      name: "LuaBridge", dependencies: ["CLua", "JSONValue"], swiftSettings: settings),
    .target(
      name: "DiscordAPI", dependencies: ["HTTPTransport", "JSONValue"],
      swiftSettings: settings),
    .target(
      name: "KubeWatch", dependencies: ["HTTPTransport", "JSONValue", log, yams],
      swiftSettings: settings),
    .target(
      name: "Engine",
      dependencies: [
        "LuaBridge", "DiscordAPI", "KubeWatch", "HTTPTransport", "JSONValue", log, lifecycle,
        heap, hummingbird, nio,
      ],
      resources: [.embedInCode("StatusPage/page.html")],
      swiftSettings: settings),
    .target(
      name: "Runbooks",
      dependencies: [
        "Engine", "LuaBridge", "DiscordAPI", "KubeWatch", "HTTPTransport", "JSONValue", log,
        lifecycle, hummingbird, nio, nioPosix, yams,
      ],
      swiftSettings: settings),
    .target(
      name: "Sandbox",
      dependencies: ["JSONValue", hummingbird, nio, nioPosix, log, lifecycle, yams],
      swiftSettings: settings),
    .executableTarget(
      name: "provider-discord",
      dependencies: [
        "Runbooks", "Engine", "Sandbox", "LuaBridge", "DiscordAPI", "KubeWatch", "HTTPTransport",
        "JSONValue", "CMemory", log, lifecycle, signals, argumentParser, nio,
      ],
      exclude: ["function-order.txt", "private-functions.ld"],
      swiftSettings: settings,
      // Relative relocations packed (DT_RELR) and equal functions folded: 5 MiB less resident. The
      // functions that a run executes laid side by side (tools/function-order.py): 5 MiB less. Those
      // without a name gathered: 3 MiB less.
      linkerSettings: [
        .unsafeFlags(
          [
            "-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs", "-Xlinker",
            "--icf=safe", "-Xlinker", "--no-warn-symbol-ordering", "-Xlinker",
            "--symbol-ordering-file=\(functionOrder)", "-Xlinker", "-T", "-Xlinker",
            privateFunctions,
          ], .when(platforms: [.linux], configuration: .release))
      ]),

    .testTarget(name: "JSONValueTests", dependencies: ["JSONValue"], swiftSettings: settings),
    .testTarget(
      name: "HTTPTransportTests", dependencies: ["HTTPTransport"], swiftSettings: settings),
    .testTarget(
      name: "LuaBridgeTests", dependencies: ["LuaBridge", "JSONValue"], swiftSettings: settings),
    .testTarget(
      name: "DiscordAPITests", dependencies: ["DiscordAPI", "HTTPTransport", "JSONValue"],
      swiftSettings: settings),
    .testTarget(
      name: "KubeWatchTests", dependencies: ["KubeWatch", "HTTPTransport", "JSONValue", log],
      swiftSettings: settings),
    .testTarget(
      name: "SandboxTests",
      dependencies: ["Sandbox", "JSONValue", hummingbirdTesting, nio, nioPosix, log, lifecycle],
      swiftSettings: settings),
    .testTarget(
      name: "EngineTests",
      dependencies: [
        "Engine", "LuaBridge", "DiscordAPI", "KubeWatch", "HTTPTransport", "JSONValue", log,
      ],
      swiftSettings: settings),
    .testTarget(
      name: "RunbooksTests",
      dependencies: [
        "Runbooks", "Engine", "Sandbox", "LuaBridge", "DiscordAPI", "KubeWatch", "HTTPTransport",
        "JSONValue", hummingbirdTesting, nio, log, lifecycle,
      ],
      swiftSettings: settings),
    .testTarget(
      name: "ScriptTests", dependencies: ["Engine", "LuaBridge", "JSONValue", "Sandbox"],
      swiftSettings: settings),
    // The whole provider on a virtual clock, beside servers within the process.
    .testTarget(
      name: "SimulationTests",
      dependencies: [
        "Engine", "Sandbox", "LuaBridge", "DiscordAPI", "KubeWatch", "HTTPTransport", "JSONValue",
        log, lifecycle,
      ],
      swiftSettings: settings),
    // Drives the built program from outside; it shares no code with it.
    .testTarget(
      name: "IntegrationTests", dependencies: ["JSONValue", "provider-discord"],
      swiftSettings: settings),
  ],
  cxxLanguageStandard: .cxx17
)
