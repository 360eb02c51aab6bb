/// The version of both programs.
public enum ProgramVersion {
    /// Major, minor, patch.
    public static let current = "0.1.0"
}
