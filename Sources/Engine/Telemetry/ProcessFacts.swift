import Glibc

/// What the kernel knows of this process.
package enum ProcessFacts {
  /// Sets the process' gauges; used as a collector.
  package static func report(into registry: MetricRegistry) {
    if let bytes = residentBytes() { registry.set(ProviderMetrics.residentMemory, to: bytes) }
    registry.set(ProviderMetrics.cpuSeconds, to: cpuSeconds())
    if let descriptors = count(of: "/proc/self/fd") {
      registry.set(ProviderMetrics.openDescriptors, to: Double(descriptors))
    }
  }

  /// Bytes of this process that are in memory; nil when the kernel does not say.
  package static func residentBytes() -> Double? {
    numbers(in: "/proc/self/statm").dropFirst().first.map {
      $0 * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
  }

  /// User and system time of this process in seconds.
  package static func cpuSeconds() -> Double {
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  private static func numbers(in path: String) -> [Double] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 256)
    let length = unsafe read(descriptor, &buffer, buffer.count)
    guard length > 0 else { return [] }
    return String(decoding: buffer[..<length], as: UTF8.self).split(separator: " ")
      .compactMap { Double($0) }
  }

  private static func count(of directory: String) -> Int? {
    guard let handle = unsafe opendir(directory) else { return nil }
    defer { unsafe closedir(handle) }
    var entries = 0
    while unsafe readdir(handle) != nil { entries += 1 }
    // Without ".", ".." and the descriptor that the directory itself is read through.
    return entries - 3
  }
}
