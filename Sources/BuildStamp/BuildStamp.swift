/// Which sources this program was built from. `commit` is written by the build itself: Plugins/BuildStamp.
///
/// The last commit that changed them, twelve letters, "+" appended when there were changes since; "unknown" outside a
/// checkout.
public enum BuildStamp {}
