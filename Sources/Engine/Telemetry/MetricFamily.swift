/// A metric's name, help and type, as the Prometheus text format states them.
package struct MetricFamily: Sendable, Hashable {
  /// The types of the exposition format.
  package enum Kind: String, Sendable {
    case counter, gauge, histogram
  }

  package let name: String
  package let help: String
  package let kind: Kind
  /// The names of the labels, in the order in which their values are given.
  package let labels: [String]
  /// A histogram's upper bounds in ascending order, without +Inf.
  package let buckets: [Double]

  /// Describes a metric.
  package init(
    _ kind: Kind, _ name: String, help: String, labels: [String] = [], buckets: [Double] = []
  ) {
    self.kind = kind
    self.name = name
    self.help = help
    self.labels = labels
    self.buckets = buckets
  }
}
