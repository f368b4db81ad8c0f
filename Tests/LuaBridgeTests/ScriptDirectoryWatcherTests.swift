import LuaBridge
import Testing

@Test(.timeLimit(.minutes(5))) func aSavedScriptIsReported() async throws {
  let folder = try TemporaryFolder()
  try folder.write("resources/channel.lua", "return {}")
  let watcher = ScriptDirectoryWatcher(directory: folder.path)
  #expect(watcher.isWatching)
  var changes = watcher.makeAsyncIterator()
  try folder.write("resources/channel.lua", "return {1}")
  #expect(await changes.next() != nil)
  // A folder that is new since is watched too.
  try folder.write("lib/diff.lua", "return {}")
  #expect(await changes.next() != nil)
  try folder.write("lib/diff.lua", "return {2}")
  #expect(await changes.next() != nil)
}

@Test func aMissingDirectoryIsNotWatched() async throws {
  let watcher = ScriptDirectoryWatcher(directory: "/nowhere/at/all")
  #expect(!watcher.isWatching)
  var changes = watcher.makeAsyncIterator()
  #expect(await changes.next() == nil)
}
