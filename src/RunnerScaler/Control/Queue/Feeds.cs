namespace RunnerScaler.Control.Queue;

/// <summary>All that tells a term of jobs.</summary>
internal sealed class Feeds(QueueReader polled, ScaleSetReader assigned)
{
    /// <summary>Starts to read and to listen; each ends when cancelled.</summary>
    public IEnumerable<Task> Start(CancellationToken cancel) => [polled.RunAsync(cancel), assigned.RunAsync(cancel)];
}
