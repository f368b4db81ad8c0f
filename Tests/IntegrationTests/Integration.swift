import Testing

/// Everything here drives the built program from outside, one test after the other: two cores carry
/// an API server, a simulator, a provider and the test.
@Suite(
  .serialized,
  .enabled(
    if: Checkout.kubebuilderAssets != nil,
    "KUBEBUILDER_ASSETS names no kube-apiserver; `make test` provides one"))
enum Integration {}
