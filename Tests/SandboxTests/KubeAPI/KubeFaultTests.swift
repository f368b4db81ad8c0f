import Testing

@testable import Sandbox

@Suite struct KubeFaultTests {
  private let start = KubeTime(seconds: 100)
  private let get = KubeRequest(method: "GET", path: "/api/v1/secrets")

  @Test func hitsWhatItNamesWhileItLasts() {
    var plan = KubeFaultPlan()
    plan.add(
      KubeFault(status: 500, seconds: 5, methods: ["GET"], pathPrefix: "/api/"), now: start)
    #expect(plan.take(get, now: start)?.status == 500)
    #expect(plan.take(KubeRequest(method: "PUT", path: "/api/v1/x"), now: start) == nil)
    #expect(plan.take(KubeRequest(method: "GET", path: "/apis/x"), now: start) == nil)
    #expect(plan.take(get, now: KubeTime(seconds: 105)) == nil)
  }

  @Test func countsItsHits() {
    var plan = KubeFaultPlan()
    plan.add(KubeFault(status: 429, count: 2), now: start)
    let hits = (0..<4).map { _ in plan.take(get, now: start) != nil }
    #expect(hits == [true, true, false, false])
  }
}
