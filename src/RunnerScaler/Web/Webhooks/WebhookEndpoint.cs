using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Web.Webhooks;

/// <summary>Has a repository read at once, because something happened there.</summary>
internal delegate HintResult TakeHint(RepositoryKey repository);

/// <summary>Reads a delivery whose signature was checked: its event's name, and its payload. Never throws.</summary>
internal delegate WebhookReading ReadWebhook(string name, ReadOnlyMemory<byte> payload);

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
    RecentDeliveries recent,
    ReadWebhook read,
    TakeHint take,
    IScalerMetrics metrics,
    TimeProvider time,
    ILogger<WebhookEndpoint> log)
{
    public const string Path = "/webhooks/github";

    private static readonly TimeSpan toldEvery = TimeSpan.FromMinutes(1);

    private readonly Tally wrong = new(toldEvery, time);

    public async Task HandleAsync(HttpContext context)
    {
        // A proxy that sent its next request while this connection is closed for want of work would lose it.
        context.Response.Headers.Connection = "close";
        if (WebhookSignature.Read(context.Request.Headers["X-Hub-Signature-256"]) is not { } claimed)
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
        else
            await AnswerAsync(context, Take(context.Request.Headers, bytes));
    }

    private WebhookResult Take(IHeaderDictionary headers, byte[] body)
    {
        var id = headers["X-GitHub-Delivery"].ToString();
        if (recent.Has(id))
            return WebhookResult.Duplicate;
        var (result, repository) = read(headers["X-GitHub-Event"].ToString(), body);
        if (repository is { } there)
            result = take(there) switch
            {
                HintResult.Taken => WebhookResult.Taken,
                HintResult.Unknown => WebhookResult.UnknownRepository,
                _ => WebhookResult.NotLeading,
            };
        if (result != WebhookResult.NotLeading)
            recent.Add(id);
        return result;
    }

    private Task AnswerAsync(HttpContext context, WebhookResult result)
    {
        switch (result)
        {
            case WebhookResult.Unreadable:
                return RefuseAsync(context, 400, "The body is no JSON that names a repository.", result);
            case WebhookResult.NotLeading:
                return RefuseAsync(context, 503, "This replica does not lead.", result);
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
