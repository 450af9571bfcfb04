/// By whom and where it was measured, and what became of it since.
extension RunDescription {
  public struct Provenance: Codable, Sendable, Equatable {
    public var clearboxVersion: String
    /// The last commit of the sources that the program was built from, or "unknown" outside a checkout; ends in "+" when
    /// they had changes.
    public var commit: String
    public var cpu: String
    public var threads: Int
    /// Name of the kernels that multiplied, as `clearbox run --kernels` takes it; nil where it was not recorded.
    public var kernelChoice: String?
    /// What they are: instruction sets, matrix multiplication engines.
    public var kernels: String
    /// "oneDNN 2.6.3", "HDF5 1.10.8", …
    public var libraries: [String]
    public var operatingSystem: String
    /// ISO 8601, UTC; the time that figures and reports carry.
    public var startTime: String
    /// Nil while the run is unfinished.
    public var finishTime: String?
    /// Wall time of measuring, summed over interruptions; nil while unfinished.
    public var elapsedSeconds: Double?
    /// Peak anonymous resident memory of the measuring process in bytes; nil where unknown.
    public var peakAnonymousBytes: Int?
    /// Where the time went; nil unless the run was asked for it.
    public var profile: RunProfile?

    public init(
      clearboxVersion: String, commit: String, cpu: String, threads: Int, kernelChoice: String? = nil, kernels: String,
      libraries: [String],
      operatingSystem: String, startTime: String, finishTime: String? = nil, elapsedSeconds: Double? = nil,
      peakAnonymousBytes: Int? = nil, profile: RunProfile? = nil
    ) {
      self.clearboxVersion = clearboxVersion
      self.commit = commit
      self.cpu = cpu
      self.threads = threads
      self.kernelChoice = kernelChoice
      self.kernels = kernels
      self.libraries = libraries
      self.operatingSystem = operatingSystem
      self.startTime = startTime
      self.finishTime = finishTime
      self.elapsedSeconds = elapsedSeconds
      self.peakAnonymousBytes = peakAnonymousBytes
      self.profile = profile
    }
  }

  /// The file that an imported run was made from.
  public struct Origin: Codable, Sendable, Equatable {
    /// Its name, without its folder.
    public var file: String
    public var sha256: String
    public var format: Format
    /// The source's own metadata as JSON with sorted keys; nil where its format has none.
    public var metadata: String?
    /// What the source says it tried and could not measure, in the order of conditions.
    public var notMeasured: [Missing]

    public enum Format: String, Codable, Sendable {
      /// Results of the article's code: values alone.
      case articleJSON = "article JSON"
      /// A run file written by another program: raw measurements.
      case runFile = "run file"
    }

    public struct Missing: Codable, Sendable, Equatable {
      public var condition: String
      /// The part of the condition, as the source names it; nil for all of it.
      public var part: String?
      /// The source's own words, e.g. "N/A (OOM)".
      public var status: String
      public init(condition: String, part: String?, status: String) {
        self.condition = condition
        self.part = part
        self.status = status
      }
    }

    public init(file: String, sha256: String, format: Format, metadata: String? = nil, notMeasured: [Missing] = []) {
      self.file = file
      self.sha256 = sha256
      self.format = format
      self.metadata = metadata
      self.notMeasured = notMeasured
    }
  }

  public struct Rounded: Codable, Sendable, Equatable {
    /// Of every measured floating-point number.
    public var significantBits: Int
    /// Content hash of the run that the copy was made from.
    public var contentSHA256: String
    /// Columns of the original that the copy goes without; nil where it has all.
    public var leftOut: [String]?
  }
}
