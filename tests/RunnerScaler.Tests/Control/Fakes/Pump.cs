namespace RunnerScaler.Tests.Control.Fakes;

/// <summary>One thread for all loops: what they have to do is done, in turn, before <see cref="Do"/> returns.</summary>
internal sealed class Pump : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> work = new();

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (work)
            work.Enqueue((d, state));
    }

    public void Do(Action first)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            first();
            while (Next() is var (callback, state) && callback is not null)
                callback(state);
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    private (SendOrPostCallback? Callback, object? State) Next()
    {
        lock (work)
            return work.TryDequeue(out var next) ? next : default;
    }
}
