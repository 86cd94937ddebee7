namespace RunnerImage.Builders;

/// <summary>Waits until the sidecar listens, and leaves its state for the hooks and the shim.</summary>
/// <param name="address">BuildKit's address, <c>unix://PATH</c>.</param>
/// <param name="profile">The sidecar's profile.</param>
/// <param name="patience">How long it may take.</param>
/// <param name="report">Is given each new state.</param>
/// <param name="time">The clock.</param>
internal sealed class BuilderWait(
    string address, string? profile, TimeSpan patience, Action<BuilderState> report, TimeProvider time)
{
    private const string Scheme = "unix://";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>buildkitd gives its socket away right after it made it; a refusal that lasts longer stays.</summary>
    private static readonly TimeSpan DeniedFor = TimeSpan.FromSeconds(5);

    /// <returns>Null when it listens, else what is wrong and what to do.</returns>
    public async Task<string?> RunAsync(CancellationToken cancel)
    {
        if (!address.StartsWith(Scheme, StringComparison.Ordinal))
            return Fail($"the address of the builder is \"{address}\" and must be unix:// and a path in mode Sidecar");
        if (BuilderDiagnosis.Guard(profile, BuilderFacts.Gather(SocketTry.Missing)) is { } refusal)
            return Fail(refusal);
        report(new BuilderState(BuilderState.Waiting, address, null));
        var (path, start, denied) = (address[Scheme.Length..], time.GetTimestamp(), TimeSpan.Zero);
        while (true)
        {
            var seen = await BuilderFacts.TryAsync(path, cancel);
            if (seen == SocketTry.Connected)
            {
                report(new BuilderState(BuilderState.Ready, address, null));
                return null;
            }

            var waited = time.GetElapsedTime(start);
            denied = seen != SocketTry.Denied ? waited : denied;
            if (waited >= patience || waited - denied >= DeniedFor)
                return Fail(BuilderDiagnosis.Explain(address, profile, BuilderFacts.Gather(seen), waited));
            await Task.Delay(Pause, time, cancel);
        }
    }

    private string Fail(string problem)
    {
        report(new BuilderState(BuilderState.Failed, address, problem));
        return problem;
    }
}
