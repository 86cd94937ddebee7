using System.Net.Sockets;
using System.Security.Authentication;

namespace RunnerImage.Claims;

/// <summary>
/// Asks for the pod's identity until there is an answer that ends the asking, and gives it back:
/// <c>docs/claim-protocol.md</c>.
/// </summary>
/// <param name="door">The controller's door.</param>
/// <param name="tokenFile">The projected token; it is read anew for each request.</param>
/// <param name="log">Told of what goes wrong, once for each new reason.</param>
/// <param name="random">Spreads the pods' requests.</param>
/// <param name="time">The clock.</param>
internal sealed class ClaimClient(
    ClaimDoor door, string tokenFile, Action<string> log, Random random, TimeProvider time)
{
    /// <summary>The answer may be held for 50 s; a connection that is silent for longer than this is dead.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(70);

    /// <summary>Nothing is held when an identity is given back, and the pod has no time to lose.</summary>
    private static readonly TimeSpan GiveBackPatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>"Ask again at once" from a server that does not hold requests would be a busy loop.</summary>
    private static readonly TimeSpan LeastBetween = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Something between the pod and the controller may say 403 for a while; only a refusal that stays is one.
    /// </summary>
    private const int MostRefusals = 3;

    private string? said;

    /// <summary>Asks until the identity is granted, refused, or not needed any more.</summary>
    /// <param name="sent">Called each time a claim has been sent.</param>
    /// <returns>Granted, refused or retired.</returns>
    public async Task<ClaimAnswer> ClaimAsync(Action sent, CancellationToken cancel)
    {
        var (failures, refusals) = (0, 0);
        while (true)
        {
            var asked = time.GetTimestamp();
            var answer = await AskAsync("POST", Patience, sent, cancel);
            refusals = answer is ClaimAnswer.Refused ? refusals + 1 : 0;
            if (answer is ClaimAnswer.Granted or ClaimAnswer.Retired || refusals == MostRefusals)
                return answer;
            failures = answer is ClaimAnswer.Nothing or ClaimAnswer.Later ? 0 : failures + 1;
            Say(answer);
            await PauseAsync(answer switch
            {
                ClaimAnswer.Nothing => LeastBetween - time.GetElapsedTime(asked),
                ClaimAnswer.Later(var after) => after * (1 + random.NextDouble() / 10),
                _ => Backoff(failures),
            }, cancel);
        }
    }

    /// <summary>Gives the identity back; tries again while there is time.</summary>
    /// <returns>Nothing (it is given back), has a job, refused, or what went wrong at last.</returns>
    public async Task<ClaimAnswer> GiveBackAsync(CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(GiveBackPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        ClaimAnswer answer = new ClaimAnswer.Failed("did not answer in time");
        try
        {
            for (var failures = 1; ; failures++)
            {
                answer = await AskAsync("DELETE", GiveBackPatience, () => { }, either.Token);
                if (answer is not (ClaimAnswer.Failed or ClaimAnswer.Unauthorized or ClaimAnswer.Later))
                    return answer;
                await PauseAsync(answer is ClaimAnswer.Later(var after) ? after : Backoff(failures), either.Token);
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            Say(answer);
            return answer;
        }
    }

    private async Task<ClaimAnswer> AskAsync(string method, TimeSpan most, Action sent, CancellationToken cancel)
    {
        if (ReadToken() is not { } token)
            return new ClaimAnswer.Failed($"was not asked, because {tokenFile} holds no token: it must be a projected "
                + $"serviceAccountToken for the audience runnerscaler, named by {PodVariables.TokenFile}");
        using var patience = new CancellationTokenSource(most, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        try
        {
            return ClaimAnswer.Of(await door.AskAsync(method, token, sent, either.Token));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new ClaimAnswer.Failed($"did not answer in {most.TotalSeconds:0} s");
        }
        catch (AuthenticationException)
        {
            return new ClaimAnswer.Failed("shows a certificate that the authority given to this pod did not sign, or "
                + $"one for another name; {PodVariables.ClaimCa} must be the authority of the controller's claim door");
        }
        catch (SocketException error)
        {
            return new ClaimAnswer.Failed($"cannot be reached ({error.SocketErrorCode}); a NetworkPolicy must let the "
                + "pod reach the controller's claim port");
        }
        catch (IOException)
        {
            return new ClaimAnswer.Failed("broke the connection");
        }
        catch (FormatException error)
        {
            return new ClaimAnswer.Failed($"does not speak HTTP ({error.Message})");
        }
    }

    /// <returns>Null if there is none. A token is one word of visible ASCII.</returns>
    private string? ReadToken()
    {
        try
        {
            var token = File.ReadAllText(tokenFile).Trim();
            return token.Length > 0 && token.All(c => c is > ' ' and < '\x7f') ? token : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Say(ClaimAnswer answer)
    {
        var words = answer switch
        {
            ClaimAnswer.Unauthorized => "says that the pod's token is not valid",
            ClaimAnswer.Failed(var problem) => problem,
            ClaimAnswer.Later => "is busy",
            ClaimAnswer.HasJob => "answered with status 409",
            ClaimAnswer.Refused(var why) => $"refuses the pod ({why})",
            _ => null,
        };
        if (words is not null && words != said)
            log($"the controller at {door.Authority} {words}; asking again");
        said = words;
    }

    private TimeSpan Backoff(int failures)
    {
        var full = FirstPause * Math.Pow(2, Math.Min(failures - 1, 10));
        return (full < LongestPause ? full : LongestPause) * (0.5 + random.NextDouble() / 2);
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancel)
    {
        if (pause > TimeSpan.Zero)
            await Task.Delay(pause, time, cancel);
    }
}
