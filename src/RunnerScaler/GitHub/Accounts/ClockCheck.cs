using System.Collections.Immutable;
using System.Globalization;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.Client;
using RunnerScaler.GitHub.Http;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.GitHub.Accounts;

/// <summary>
/// Whether GitHub's servers answer, and whether their clocks agree with ours: an App proves who it is by the time.
/// </summary>
internal sealed class ClockCheck(TimeProvider time) : ICheck, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>What was found is told again for so long: whoever asks often does not make us ask GitHub.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(30);

    /// <summary>From here on a person should look, though everything works.</summary>
    private static readonly TimeSpan Odd = TimeSpan.FromSeconds(20);

    private readonly HttpClient http = new(HandlerChain.Primary()) { Timeout = Timeout.InfiniteTimeSpan };
    private ImmutableDictionary<string, (CheckAnswer Answer, long At)> kept =
        ImmutableDictionary<string, (CheckAnswer, long)>.Empty;

    public async Task<ImmutableArray<CheckAnswer>> RunAsync(ImmutableArray<string> servers, CancellationToken cancel) =>
        [.. await Task.WhenAll(servers.Select(server => ReadAsync(server, cancel)))];

    public void Dispose() => http.Dispose();

    private async Task<CheckAnswer> ReadAsync(string server, CancellationToken cancel)
    {
        if (kept.TryGetValue(server, out var before) && time.GetElapsedTime(before.At) < KeptFor)
            return before.Answer;
        var answer = await AskAsync(server, cancel);
        ImmutableInterlocked.AddOrUpdate(
            ref kept, server, (answer, time.GetTimestamp()), (_, _) => (answer, time.GetTimestamp()));
        return answer;
    }

    private async Task<CheckAnswer> AskAsync(string server, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, ApiAddress.For(server));
            request.Headers.UserAgent.ParseAdd("RunnerScaler");
            using var response = await http.SendAsync(request, either.Token);
            return Read(server, response.Headers.Date, time.GetUtcNow());
        }
        catch (HttpRequestException e)
        {
            return Unreachable(server, e.GetBaseException().Message);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Unreachable(server, $"no answer within {Patience.TotalSeconds:0} s");
        }
    }

    /// <param name="server">The server.</param>
    /// <param name="theirs">The time that it says; null if it says none.</param>
    /// <param name="ours">The time here.</param>
    internal static CheckAnswer Read(string server, DateTimeOffset? theirs, DateTimeOffset ours)
    {
        if (theirs is not { } date)
            return CheckAnswer.Fine("clock", server, "It answers, and does not say what time it is.");
        var ahead = ours - date;
        var level = ahead >= AppJwt.MostAhead || ahead <= -AppJwt.MostBehind ? CheckLevel.Failure
            : ahead.Duration() >= Odd ? CheckLevel.Warning
            : CheckLevel.Ok;
        return level == CheckLevel.Ok
            ? CheckAnswer.Fine("clock", server, "It answers, and its clock agrees with ours.")
            : new("clock", level, server, string.Create(
                CultureInfo.InvariantCulture,
                $"The clock here is {ahead.Duration().TotalSeconds:0} s "
                + $"{(ahead > TimeSpan.Zero ? "ahead of" : "behind")} GitHub's, which takes no App whose "
                + $"clock is {AppJwt.MostAhead.TotalSeconds:0} s ahead."),
                "Set the clock of the controller's node.");
    }

    private static CheckAnswer Unreachable(string server, string why) => new(
        "GitHub", CheckLevel.Failure, server, $"It cannot be reached: {why}.",
        "Open the way from the controller to it: proxy, network policy, DNS (docs/install.md).");
}
