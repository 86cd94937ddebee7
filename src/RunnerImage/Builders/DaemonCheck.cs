using System.Net.Sockets;
using RunnerImage.Buildx;

namespace RunnerImage.Builders;

/// <summary>
/// Makes sure that BuildKit answers before something is asked of it: buildx by itself waits 20 seconds and then says
/// only <c>context deadline exceeded</c>.
/// </summary>
internal sealed class DaemonCheck(JobPod pod, TimeProvider time)
{
    /// <summary>The longest that a job waits for a builder that is still coming up.</summary>
    public static readonly TimeSpan WhileWaiting = TimeSpan.FromSeconds(30);

    /// <summary>A sidecar that was restarted is back within a second.</summary>
    private static readonly TimeSpan Otherwise = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The daemon gives its socket away right after it made it, and one behind a Service may be restarting; a refusal
    /// that lasts stays.
    /// </summary>
    private static readonly TimeSpan WhileDenied = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan OneTry = TimeSpan.FromSeconds(5);

    /// <summary>Waits until the daemon answers, or it is clear that it will not.</summary>
    /// <param name="address">Its address; only <c>unix</c> and <c>tcp</c> can be tried, others are taken for
    /// good.</param>
    /// <returns>Null if it answers, else what is wrong and what to do.</returns>
    public async Task<string?> FindProblemAsync(string address)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var (seen, refusal) = await TryAsync(address, greet: true);
            if (seen == SocketTry.Connected && refusal is null)
                return null;
            var state = StoredState.Read(pod.StateFolder);
            var waited = time.GetElapsedTime(began);
            if (state is { State: BuilderState.Failed, Problem: { } problem } && state.Address == address)
                return problem;
            if (waited >= (state?.State == BuilderState.Waiting ? WhileWaiting
                : seen == SocketTry.Denied || refusal is not null ? WhileDenied : Otherwise))
                return refusal ?? Explain(address, seen);
            await Task.Delay(Pause, time);
        }
    }

    /// <summary>Whether nobody listens at an address at this moment.</summary>
    public async Task<bool> IsGoneAsync(string address) =>
        (await TryAsync(address, greet: false)).Seen is SocketTry.Missing or SocketTry.Refused;

    /// <summary>What to say if the entrypoint knows no better.</summary>
    public static string Explain(string address, SocketTry seen) => seen switch
    {
        SocketTry.Missing => $"there is no socket {address}: the container buildkitd is not running; read its log "
            + "(kubectl logs POD -c buildkitd)",
        SocketTry.Denied => $"the socket {address} may not be opened by this container (permission denied): set "
            + "supplementalGroups: [1000] in the securityContext of the pool's template",
        SocketTry.Refused => $"nobody listens at {address}: the daemon was killed, perhaps for its memory limit, or "
            + "has not started; read its state and log",
        _ => $"{address} cannot be reached: its name does not resolve, a NetworkPolicy forbids it, or the daemon hangs",
    };

    private async Task<(SocketTry Seen, string? Refusal)> TryAsync(string address, bool greet)
    {
        const string unix = "unix://";
        using var patience = new CancellationTokenSource(OneTry, time);
        try
        {
            if (address.StartsWith(unix, StringComparison.Ordinal))
                return (await BuilderFacts.TryAsync(address[unix.Length..], patience.Token), null);
            if (Endpoint.Host(address) is not { } host || Endpoint.Port(address) is not { } port)
                return (SocketTry.Connected, null);
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, patience.Token);
            return (SocketTry.Connected, greet && pod.TlsFolder is { } tls && address == pod.BuilderAddress
                ? await DaemonGreeting.FindProblemAsync(
                    client.GetStream(), host, tls, time.GetUtcNow(), patience.Token)
                : null);
        }
        catch (SocketException e)
        {
            return (e.SocketErrorCode == SocketError.ConnectionRefused ? SocketTry.Refused : SocketTry.Failed, null);
        }
        catch (OperationCanceledException)
        {
            return (SocketTry.Failed, null);
        }
    }
}
