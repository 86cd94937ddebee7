using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;

namespace RunnerScaler.Web.Webhooks;

/// <summary>
/// <c>POST /webhooks/github</c>, as <c>docs/feeds.md</c> has it: GitHub tells that something happened to a job. It is
/// answered with 202 as soon as its repository is noted, with 401 if its signature is not of one of our secrets, and
/// with another 4xx or 503 if it was not even looked at; GitHub does not send it again by itself, and need not.
/// </summary>
/// <remarks>No body is parsed before its signature is checked. Nothing of a delivery is logged or kept but its
/// id.</remarks>
internal sealed partial class WebhookEndpoint(
    WebhookSecrets secrets,
    BodyReader bodies,
    WebhookHints hints,
    LeaderRelay relay,
    IScalerMetrics metrics,
    TimeProvider time,
    ILogger<WebhookEndpoint> log)
{
    public const string Path = "/webhooks/github";

    /// <summary>Where the same is taken from other replicas, among the leader's answers to them.</summary>
    public const string PassedPath = "/api/v1/webhooks/github";

    private static readonly TimeSpan toldEvery = TimeSpan.FromMinutes(1);

    private readonly Tally wrong = new(toldEvery, time);

    public async Task HandleAsync(HttpContext context)
    {
        // A proxy that sent its next request while this connection is closed for want of work would lose it.
        context.Response.Headers.Connection = "close";
        if (WebhookSignature.Read(context.Request.Headers[WebhookHeaders.Signature]) is not { } claimed)
        {
            await RejectAsync(context, "It has no header X-Hub-Signature-256: set a secret in the webhook's settings.");
            return;
        }
        if (!context.Request.HasJsonContentType())
        {
            await RefuseAsync(
                context, 415, "Set the webhook's content type to application/json.", WebhookResult.Refused);
            return;
        }
        using (context.Work())
            await bodies.ReadAsync(context, body => AnswerAsync(context, body, claimed));
    }

    private async Task AnswerAsync(HttpContext context, BodyReader.Body body, byte[] claimed)
    {
        if (body.Bytes is not { } bytes)
        {
            var result = body.Status < 500 ? WebhookResult.Refused : WebhookResult.Unavailable;
            await RefuseAsync(context, body.Status, "The body could not be read.", result);
            return;
        }
        var known = secrets.Current;
        if (known.IsEmpty)
        {
            await RefuseAsync(
                context, 503, "The controller has no secret to check the signature with.", WebhookResult.Unavailable);
            return;
        }
        if (!WebhookSignature.IsOf(bytes, claimed, known))
            await RejectAsync(context, "It is not signed with a secret that the controller has.");
        else if (hints.Take(context.Request.Headers, bytes) is var result && result == WebhookResult.NotLeading)
            await PassAsync(context, bytes);
        else
            await AnswerAsync(context, result);
    }

    private async Task PassAsync(HttpContext context, byte[] body)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Post, new Uri(PassedPath, UriKind.Relative))
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } },
        };
        foreach (var name in WebhookHeaders.All)
            ask.Headers.TryAddWithoutValidation(name, context.Request.Headers[name].ToString());
        var status = await relay.PassAsync(context, ask);
        if (status is null)
            await AnswerAsync(context, WebhookResult.NotLeading);
        else
            metrics.WebhookReceived(status < 300 ? WebhookResult.Passed : WebhookResult.NotLeading);
        if (status < 300)
            hints.Passed(context.Request.Headers);
    }

    private Task AnswerAsync(HttpContext context, WebhookResult result)
    {
        switch (result)
        {
            case WebhookResult.Unreadable:
                return RefuseAsync(context, 400, "The body is no JSON that names a repository.", result);
            case WebhookResult.NotLeading:
                return RefuseAsync(
                    context, 503, "This replica does not lead, and the one that does took nothing from it.", result);
            default:
                metrics.WebhookReceived(result);
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                return Task.CompletedTask;
        }
    }

    private Task RejectAsync(HttpContext context, string why)
    {
        if (wrong.Count() is { } times)
            LogRejected(times, context.Connection.RemoteIpAddress?.ToString(), why);
        return RefuseAsync(context, 401, why, WebhookResult.WrongSignature);
    }

    private Task RefuseAsync(HttpContext context, int status, string why, WebhookResult result)
    {
        metrics.WebhookReceived(result);
        return Answers.RefuseAsync(context, status, why);
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{Times} deliveries to the webhook were not believed, the last from {Address}: {Why} Told at "
            + "most once a minute")]
    private partial void LogRejected(int times, string? address, string why);
}
