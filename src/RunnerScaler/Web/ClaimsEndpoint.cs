using System.Globalization;
using Microsoft.Extensions.Options;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Protocol;

namespace RunnerScaler.Web;

/// <summary>Answers the claim of a pod whose token was reviewed.</summary>
internal delegate Task<ClaimAnswer> AnswerClaim(PodIdentity pod, CancellationToken cancel);

/// <summary>Answers a pod that gives its identity back and whose token was reviewed.</summary>
internal delegate Task<ReturnAnswer> AnswerReturn(PodIdentity pod, CancellationToken cancel);

/// <summary>
/// <c>/claims</c>, as <c>docs/claim-protocol.md</c> has it: a pod shows its projected token as
/// <c>Authorization: Bearer</c>. With <c>POST</c> it is given an identity (200), or told that it is not needed yet
/// (204), that it should end (410), that it is no runner of ours (403); with <c>DELETE</c> it gives its identity back
/// (204), unless it has a job by now (409). Either way it may be told that its token is not valid (401), or when to
/// come again (429, 503).
/// </summary>
/// <remarks>Neither token nor identity is logged or kept.</remarks>
internal sealed partial class ClaimsEndpoint(
    ITokenReviewer reviewer,
    AnswerClaim claim,
    AnswerReturn giveBack,
    IOptions<WebOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ClaimsEndpoint> log)
{
    private const int LargestBody = 1024;

    /// <summary>Less than a connection lives without work: whoever waits for the API server is told so.</summary>
    private static readonly TimeSpan reviewTime = ConnectionRoom.Patience - TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan toldEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan whenFull = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan whenUnavailable = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan whenStopping = TimeSpan.FromSeconds(1);

    private readonly Tally rejected = new(toldEvery, time);
    private readonly Tally failed = new(toldEvery, time);
    private int held;

    private delegate Task<ClaimReply> Answer(PodIdentity pod, CancellationToken cancel);

    public Task ClaimAsync(HttpContext context) => HandleAsync(context, async (pod, cancel) =>
    {
        var said = await claim(pod, cancel);
        LogAnswered(pod.Namespace, pod.Name, pod.Uid, said.GetType().Name);
        return ClaimReply.Of(said);
    });

    public Task ReturnAsync(HttpContext context) => HandleAsync(context, async (pod, cancel) =>
    {
        var said = await giveBack(pod, cancel);
        LogAnswered(pod.Namespace, pod.Name, pod.Uid, said.GetType().Name);
        return ClaimReply.Of(said);
    });

    private async Task HandleAsync(HttpContext context, Answer answer)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-store";
        if (context.Request.ContentLength > LargestBody)
            response.StatusCode = StatusCodes.Status413PayloadTooLarge;
        else if (BearerToken.Of(context.Request) is { } token)
            await ReviewAndAnswerAsync(context, token, answer);
        else
            await WriteAsync(response, ClaimReply.Of(new ClaimAnswer.Unauthorized()));
    }

    private async Task ReviewAndAnswerAsync(HttpContext context, string token, Answer answer)
    {
        var (response, stopping) = (context.Response, lifetime.ApplicationStopping);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            switch (await ReviewAsync(token, cancel.Token))
            {
                case ReviewResult.Pod(var pod):
                    using (context.Work())
                        await HoldAsync(response, pod, answer, cancel.Token);
                    break;
                case ReviewResult.Rejected:
                    if (rejected.Count() is { } times)
                        LogRejected(times, context.Connection.RemoteIpAddress?.ToString());
                    await WriteAsync(response, ClaimReply.Of(new ClaimAnswer.Unauthorized()));
                    break;
                default:
                    await WriteAsync(response, ClaimReply.Later(whenUnavailable));
                    break;
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await WriteAsync(response, ClaimReply.Later(whenStopping));
        }
        catch (Exception error) when (!response.HasStarted)
        {
            if (failed.Count() is { } times)
                LogFailed(error, times);
            await WriteAsync(response, ClaimReply.Later(whenUnavailable));
        }
    }

    private async Task<ReviewResult> ReviewAsync(string token, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(reviewTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            return await reviewer.ReviewAsync(token, either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new ReviewResult.Unavailable();
        }
    }

    private async Task HoldAsync(HttpResponse response, PodIdentity pod, Answer answer, CancellationToken cancel)
    {
        try
        {
            await WriteAsync(response, Interlocked.Increment(ref held) > options.Value.MaxClaims
                ? ClaimReply.Later(whenFull, ClaimStatus.TooMany)
                : await answer(pod, cancel));
        }
        finally
        {
            Interlocked.Decrement(ref held);
        }
    }

    private static async Task WriteAsync(HttpResponse response, ClaimReply reply)
    {
        response.StatusCode = reply.Status;
        if (reply.Status == ClaimStatus.Unauthorized)
            response.Headers.WWWAuthenticate = "Bearer";
        if (reply.RetryAfter is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (reply.Body.IsEmpty)
            return;
        response.ContentType = reply.ContentType;
        response.ContentLength = reply.Body.Length;
        await response.BodyWriter.WriteAsync(reply.Body);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Claim of pod {Namespace}/{Pod} (uid {Uid}): {Answer}")]
    private partial void LogAnswered(string @namespace, string pod, string uid, string answer);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{Times} claims, the last from {Address}, showed a token that is not valid here: it must be a "
            + "projected service-account token for the audience '" + ClaimProtocol.Audience
            + "', bound to a pod that exists; told at most once a minute")]
    private partial void LogRejected(int times, string? address);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "{Times} claims could not be answered, and pods will ask again; this is the last, and they are told "
            + "of at most once a minute")]
    private partial void LogFailed(Exception error, int times);
}
