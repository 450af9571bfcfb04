import Analysis
import FabricatedRuns
import RunFile

/// What is found on a fabricated run of sixteen chunks and 200 replicates, changed as a test needs it.
func smallFindings(in folder: TemporaryFolder, _ change: (inout FabricatedRun) -> Void) throws -> Findings {
  var run = FabricatedRun()
  run.chunkCount = 16
  run.replicates = 200
  change(&run)
  try run.write(to: folder.file("run.h5"))
  return try Findings(of: RunReader(folder.file("run.h5")))
}
