namespace RunnerImage.Posix;

/// <summary>How a process ended.</summary>
/// <param name="Code">Its exit code; 0 if a signal ended it.</param>
/// <param name="Signal">The signal that ended it; 0 if it ended by itself.</param>
internal readonly record struct ProcessEnd(int Code, int Signal)
{
    /// <param name="status">What <c>waitpid</c> says of a process that has ended.</param>
    public static ProcessEnd OfStatus(int status)
    {
        var signal = status & 0x7f;
        return signal == 0 ? new ProcessEnd((status >> 8) & 0xff, 0) : new ProcessEnd(0, signal);
    }
}
