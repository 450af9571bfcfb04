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
        leave(0)
      }
      Terminal.write(error: text + "\n")
      leave(badInput)
    }
    if let code = error as? ExitCode { leave(code.rawValue) }
    Terminal.write(error: "clearbox: \(message(error))\n")
    leave(badInput)
  }

  /// At once: threads may still be at work, and libraries that clean up behind them would crash.
  private static func leave(_ code: Int32) -> Never {
    fflush(nil)
    _exit(code)
  }

  /// A file that grows beyond the limit that was set (`ulimit -f`) is an error of that write, with a message, and not the
  /// end of the process.
  static func prepare() { signal(SIGXFSZ, SIG_IGN) }

  /// Our errors describe themselves; Foundation's are asked for the sentence that they show to users.
  private static func message(_ error: any Error) -> String {
    error is CocoaError ? error.localizedDescription : "\(error)"
  }
}
