/// Which sources this program was built from. `commit` is written by the build itself: Plugins/BuildStamp.
///
/// Twelve letters of the commit, "+" appended when the sources had changes; "unknown" outside a checkout.
public enum BuildStamp {}
