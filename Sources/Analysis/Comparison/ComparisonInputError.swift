import Measures

/// What the user asked of a comparison cannot be asked.
public enum ComparisonInputError: Error, Equatable, CustomStringConvertible {
  case metric(String, known: [String])
  case stratum(String)
  case margin(String)
  case match(String, known: [String])
  case gate(String, reason: String)
  case gateMatchesNothing(String, known: [String])
  case gateFile(String, reason: String)
  case noRuns(String)
  case twice(model: String, paths: [String])

  public var description: String {
    switch self {
    case .metric(let text, let known):
      "\(text): no metric has this name. There are \(known.joined(separator: ", ")); "
        + "a stratum follows after a slash (fvu/ordinary), and /change speaks of the change against the baseline."
    case .stratum(let text):
      "\(text): no stratum has this name. There are \(Stratum.allCases.map(\.rawValue).joined(separator: ", "))."
    case .margin(let text):
      "\(text): no margin. Write a metric and a size from 0 up, in percent of A's value or in the metric's unit: "
        + "'cross_entropy 0.5%', 'kl 0.001'."
    case .match(let text, let known):
      "\(text): no pair of conditions. Write the name in A, an equals sign, and the name in B; "
        + "there are \(known.joined(separator: "; "))."
    case .gate(let text, let reason):
      "\(text): no gate: \(reason). Write 'METRIC CONDITION OP VALUE[%] [surely]' with OP one of <=, <, >=, >, "
        + "or 'METRIC CONDITION within noise', 'equivalent' or 'identical'."
    case .gateMatchesNothing(let text, let known):
      "\(text): this gate names nothing that the two runs have. Conditions are \(known.joined(separator: ", "))."
    case .gateFile(let path, let reason):
      "\(path): \(reason). Write one gate a line, with # before comments, or a YAML list of gates."
    case .noRuns(let path):
      "\(path): no run file there. Give a run file (.h5), a folder of run files, or a folder of a run in progress."
    case .twice(let model, let paths):
      "\(paths.joined(separator: ", ")): both hold a run of \(model). Compare one of them at a time."
    }
  }
}
