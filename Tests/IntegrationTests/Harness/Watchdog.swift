import Foundation
import Synchronization

/// Ends every process of the run when the run ends, however it ends.
///
/// Swift Testing has no hook at the end of a run, and a killed run would not reach one. A small shell
/// reads process ids from a pipe that only this process holds open; when the pipe ends it kills what
/// it knows and removes the run's folder. The start time is compared, so that a reused id is safe.
enum Watchdog {
  private static let input: Mutex<FileHandle?> = Mutex(start())

  private static let program = """
    declare -A started
    begun() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
    while read -r pid; do started[$pid]=$(begun "$pid"); done
    for pid in "${!started[@]}"; do
      [ -n "${started[$pid]}" ] && [ "$(begun "$pid")" = "${started[$pid]}" ] && kill -KILL "$pid"
    done
    [ -n "${PROVIDER_DISCORD_KEEP:-}" ] || rm -rf "$1"
    """

  private static func start() -> FileHandle? {
    let pipe = Pipe()
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/bash")
    shell.arguments = ["-c", program, "watchdog", RunFolder.path]
    shell.standardInput = pipe
    shell.standardOutput = FileHandle.nullDevice
    shell.standardError = FileHandle.nullDevice
    do { try shell.run() } catch { return nil }
    return pipe.fileHandleForWriting
  }

  /// From now on this process does not outlive the run.
  static func watch(_ pid: Int32) {
    input.withLock { handle in
      handle?.write(Data("\(pid)\n".utf8))
    }
  }
}
