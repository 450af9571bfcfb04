import ArgumentParser
import BuildStamp

/// What compressing a language model does to its accuracy, and to the sparse autoencoders that read it.
@main
struct Clearbox: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clearbox",
    abstract: "Measure what compressing Gemma 3 does to its accuracy, and to sparse autoencoders that read it.",
    discussion: """
      A study (a YAML file) names a checkpoint, a sparse autoencoder, a corpus and the conditions to compare. \
      'fetch' downloads what it names on the Hugging Face Hub; 'run' measures it into a run file (HDF5) and writes the \
      report, 'plan' and 'merge' spread that over machines; 'render' draws figures and report again from the run file alone, 'figure' one figure; 'inspect' tells what a run file holds.

      EXAMPLE
        clearbox run studies/gemma-3-270m.yaml --tokens 8000 --out out/quick
        clearbox render out/quick/gemma-3-270m.h5
        clearbox figure out/quick/gemma-3-270m.h5 --kind fvu -o fvu.svg
        clearbox explain out/quick/gemma-3-270m.h5 cross_entropy@1/nf4-dq/all/percent
        clearbox inspect out/quick/gemma-3-270m.h5
        clearbox diff out/before/gemma-3-270m.h5 out/after/gemma-3-270m.h5
        clearbox compare out/seed-*/gemma-3-270m.h5
        clearbox verify out/quick

      EXIT CODES
        0  done
        1  a gate or a verification failed
        2  bad input: the message says what, where and what to do
        3  not comparable
      """,
    version: "\(Version.text), commit \(BuildStamp.commit)",
    subcommands: [
      Fetch.self, Run.self, PlanCommand.self, Merge.self, Render.self, FigureCommand.self, TemplateCommand.self,
      Explain.self, Features.self, Inspect.self, Diff.self, Compare.self, ImportCommand.self, Export.self, Verify.self,
      Sign.self, Log.self,
    ])

  static func main() {
    Exit.prepare()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      Exit.end(with: error)
    }
  }
}
