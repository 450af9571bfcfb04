import ArgumentParser
import Experiments
import Foundation

enum Version {
  static let text = Surroundings.version
}

/// How the command ends when something is wrong: one message, and exit code 2 for bad input.
enum Exit {
  static let badInput: Int32 = 2

  static func end(with error: any Error) -> Never {
    // ArgumentParser's own errors, help and version texts come with their own exit codes; wrong usage is bad input.
    let code = Clearbox.exitCode(for: error)
    if code == .success || code == .validationFailure {
      let text = Clearbox.fullMessage(for: error)
      if code == .success {
        Terminal.say(text)
        exit(0)
      }
      Terminal.write(error: text + "\n")
      exit(badInput)
    }
    if let code = error as? ExitCode { exit(code.rawValue) }
    Terminal.write(error: "clearbox: \(message(error))\n")
    exit(badInput)
  }

  /// Our errors describe themselves; Foundation's are asked for the sentence that they show to users.
  private static func message(_ error: any Error) -> String {
    error is CocoaError ? error.localizedDescription : "\(error)"
  }
}
