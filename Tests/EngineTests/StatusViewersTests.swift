import Engine
import Testing

@Suite("Who may look at the status page")
struct StatusViewersTests {
  @Test("the first viewer starts the computing, the next ones share it")
  func sharing() {
    var viewers = StatusViewers(maximum: 3)
    #expect(viewers.join() == .joined(id: 1, needsWaking: true))
    #expect(viewers.join() == .joined(id: 2, needsWaking: false))
    let goesOn = viewers.goesOn()
    #expect(goesOn)
    #expect(viewers.count == 2)
  }

  @Test("no more may look than the maximum, until one leaves")
  func maximum() {
    var viewers = StatusViewers(maximum: 2)
    _ = viewers.join()
    _ = viewers.join()
    #expect(viewers.join() == .full)
    viewers.leave(1)
    #expect(viewers.join() == .joined(id: 3, needsWaking: false))
    #expect(viewers.join() == .full)
  }

  @Test("leaving twice makes no second place")
  func leavingTwice() {
    var viewers = StatusViewers(maximum: 2)
    _ = viewers.join()
    _ = viewers.join()
    viewers.leave(2)
    viewers.leave(2)
    _ = viewers.join()
    #expect(viewers.join() == .full)
  }

  @Test("with nobody looking the computing ends, and the next one starts it again")
  func stopping() {
    var viewers = StatusViewers(maximum: 2)
    _ = viewers.join()
    viewers.leave(1)
    let goesOn = viewers.goesOn()
    #expect(!goesOn)
    #expect(viewers.join() == .joined(id: 2, needsWaking: true))
  }

  @Test("who comes back before the computing has noticed shares it")
  func comingBack() {
    var viewers = StatusViewers(maximum: 2)
    _ = viewers.join()
    viewers.leave(1)
    #expect(viewers.join() == .joined(id: 2, needsWaking: false))
    let goesOn = viewers.goesOn()
    #expect(goesOn)
  }

  @Test("nobody may look once the provider ends")
  func closing() {
    var viewers = StatusViewers(maximum: 2)
    _ = viewers.join()
    viewers.close()
    #expect(viewers.count == 0)
    #expect(viewers.join() == .closed)
  }
}
