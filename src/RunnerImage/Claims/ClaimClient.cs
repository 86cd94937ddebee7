using System.Net.Sockets;
using System.Security.Authentication;
using RunnerScaler.Protocol;

namespace RunnerImage.Claims;

/// <summary>
/// Asks for the pod's identity until there is an answer that ends the asking, and gives it back:
/// <c>docs/claim-protocol.md</c>.
/// </summary>
/// <param name="exchange">How the controller is asked.</param>
/// <param name="tokenFile">The projected token; it is read anew for each request.</param>
/// <param name="log">Told of what goes wrong, once for each new reason.</param>
/// <param name="random">Spreads the pods' requests.</param>
/// <param name="time">The clock.</param>
internal sealed class ClaimClient(
    ClaimExchange exchange, string tokenFile, Action<string> log, Random random, TimeProvider time)
{
    private const string TokenNotValid = "says that the pod's token is not valid";
    private const string Busy = "is busy";

    private string? said;

    /// <summary>Asks until the identity is granted, refused, or not needed any more.</summary>
    /// <param name="sent">Called each time a claim has been sent.</param>
    /// <returns>Granted, refused or retired.</returns>
    public async Task<ClaimAnswer> ClaimAsync(Action sent, CancellationToken cancel)
    {
        var turn = new ClaimTurn();
        while (true)
        {
            var asked = time.GetTimestamp();
            var (reply, problem) = await AskAsync("POST", ClaimProtocol.Patience, sent, cancel);
            var answer = reply?.ToClaimAnswer() ?? new ClaimAnswer.None(problem);
            (turn, var pause) = turn.After(answer, time.GetElapsedTime(asked), random.NextDouble());
            if (pause is null)
                return answer;
            Say(answer);
            await PauseAsync(pause.Value, cancel);
        }
    }

    /// <summary>Gives the identity back; tries again while there is time.</summary>
    /// <returns>Returned, has a job, refused, or what went wrong at last.</returns>
    public async Task<ReturnAnswer> ReturnAsync(CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(ClaimProtocol.ReturnPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        ReturnAnswer answer = new ReturnAnswer.None("did not answer in time");
        try
        {
            for (var tried = 1; ; tried++)
            {
                var (reply, problem) = await AskAsync("DELETE", ClaimProtocol.ReturnPatience, () => { }, either.Token);
                answer = reply?.ToReturnAnswer() ?? new ReturnAnswer.None(problem);
                if (ClaimTurn.After(answer, tried, random.NextDouble()) is not { } pause)
                    return answer;
                await PauseAsync(pause, either.Token);
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            Say(answer);
            return answer;
        }
    }

    /// <returns>The reply, or what went wrong without one.</returns>
    private async Task<(ClaimReply? Reply, string Problem)> AskAsync(
        string method, TimeSpan most, Action sent, CancellationToken cancel)
    {
        if (ReadToken() is not { } token)
            return (null, $"was not asked, because {tokenFile} holds no token: it must be a projected "
                + $"serviceAccountToken for the audience {ClaimProtocol.Audience}, named by {PodVariables.TokenFile}");
        using var patience = new CancellationTokenSource(most, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        try
        {
            return (await exchange.AskAsync(method, token, sent, either.Token), "");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (null, $"did not answer in {most.TotalSeconds:0} s");
        }
        catch (AuthenticationException)
        {
            return (null, "shows a certificate that the authority given to this pod did not sign, or "
                + $"one for another name; {PodVariables.ClaimCa} must be the authority of the controller's claims "
                + "endpoint");
        }
        catch (SocketException error)
        {
            return (null, $"cannot be reached ({error.SocketErrorCode}); a NetworkPolicy must let the "
                + "pod reach the controller's claim port");
        }
        catch (IOException)
        {
            return (null, "broke the connection");
        }
        catch (FormatException error)
        {
            return (null, $"does not speak HTTP ({error.Message})");
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

    private void Say(ClaimAnswer answer) => Say(answer switch
    {
        ClaimAnswer.Unauthorized => TokenNotValid,
        ClaimAnswer.None(var problem) => problem,
        ClaimAnswer.Unavailable => Busy,
        ClaimAnswer.Refused(var why) => $"refuses the pod ({why})",
        _ => null,
    });

    private void Say(ReturnAnswer answer) => Say(answer switch
    {
        ReturnAnswer.Unauthorized => TokenNotValid,
        ReturnAnswer.None(var problem) => problem,
        ReturnAnswer.Unavailable => Busy,
        _ => null,
    });

    private void Say(string? words)
    {
        if (words is not null && words != said)
            log($"the controller at {exchange.Authority} {words}; asking again");
        said = words;
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancel)
    {
        if (pause > TimeSpan.Zero)
            await Task.Delay(pause, time, cancel);
    }
}
