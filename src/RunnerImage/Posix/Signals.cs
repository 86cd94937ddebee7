using System.Runtime.InteropServices;

namespace RunnerImage.Posix;

/// <summary>Signals that this process takes for itself from now on, until it ends.</summary>
/// <remarks>
/// .NET calls a handler on a thread of its own, some time after the signal: if it has been taken back by then, the
/// signal does what it does to a process that does not handle it, and ends this one, whose work was done. So none is
/// ever taken back.
/// </remarks>
internal static class Signals
{
    private static readonly List<PosixSignalRegistration> Kept = [];

    /// <summary>The signal no longer ends this process; the handler is called, on any thread, each time.</summary>
    public static void Catch(PosixSignal signal, Action<PosixSignal> handler)
    {
        var registration = PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            handler(context.Signal);
        });
        lock (Kept)
            Kept.Add(registration);
    }
}
