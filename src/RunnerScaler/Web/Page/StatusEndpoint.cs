using System.IO.Compression;
using System.Text;
using RunnerScaler.Control.Work;
using RunnerScaler.Explaining;

namespace RunnerScaler.Web.Page;

/// <summary>
/// <c>GET /</c>, as <c>docs/status-page.md</c> has it: what the controller knows, for people, and how it changes.
/// Whoever asks shows a token as at <c>/api/v1</c>, and is shown what he may be told of there.
/// </summary>
internal sealed partial class StatusEndpoint(
    PageViews views,
    Callers callers,
    LeaderRelay relay,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<StatusEndpoint> log)
{
    /// <summary>Where all that belongs to the page is, beside it: a proxy may give it another root.</summary>
    public const string Folder = "status";

    /// <summary>Streams at the same time; each holds a connection, and the views that it was shown last.</summary>
    public const int MostStreams = 32;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>How long nothing is said before it is said that there is nothing: proxies end what is silent.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan ToldEvery = TimeSpan.FromMinutes(1);

    private readonly Asset style = new("style.css", "text/css; charset=utf-8");
    private readonly Asset script = new("script.js", "text/javascript; charset=utf-8");
    private readonly Tally failed = new(ToldEvery, time);
    private int streams;

    public Task StyleAsync(HttpContext context) => style.SendAsync(context);

    public Task ScriptAsync(HttpContext context) => script.SendAsync(context);

    public Task PageAsync(HttpContext context) => GuardAsync(context, async () =>
    {
        var known = views.Know();
        switch (await callers.ReviewAsync(context.Request, known, context.RequestAborted))
        {
            case CallerReview.Refused(var status, var why):
                await RefuseAsync(context, status, why);
                break;
            case CallerReview.Known(var reader) when known is not null:
                await SendAsync(context, StatusCodes.Status200OK, Document.Of(views.Of(known, reader)));
                break;
            default:
                if (await relay.PassAsync(context) is { } whyNot)
                    await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, whyNot);
                break;
        }
    });

    /// <summary>
    /// Tells what changes, as server-sent events, until the reader goes, may not read any more, or this replica does
    /// not lead any more. <c>?since=</c> is the version of the page that he has.
    /// </summary>
    public Task EventsAsync(HttpContext context) => GuardAsync(context, async () =>
    {
        try
        {
            if (Interlocked.Increment(ref streams) > MostStreams)
            {
                context.Response.Headers.RetryAfter = "10";
                await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable,
                    "Too many look at this page at the same time; it is tried again.");
                return;
            }
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(
                context.RequestAborted, lifetime.ApplicationStopping);
            var known = views.Know();
            var review = await callers.ReviewAsync(context.Request, known, stop.Token);
            if (review is CallerReview.Refused(var status, var why))
                await RefuseAsync(context, status, why);
            else if (known is not null)
                await StreamAsync(context, ((CallerReview.Known)review).Reader, stop.Token);
            else if (await relay.PassStreamAsync(context, stop.Token) is { } whyNot)
                await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, whyNot);
        }
        finally
        {
            if (Interlocked.Decrement(ref streams) == 0)
                views.Clear();
        }
    });

    private async Task StreamAsync(HttpContext context, Reader first, CancellationToken stop)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        await BoundedWrite.SendAsync(context, ": here it begins\n\n"u8.ToArray(), time);
        var shown = views.Find(first, context.Request.Query["since"].ToString());
        using var timer = new PeriodicTimer(Period, time);
        var saidAt = time.GetTimestamp();
        do
        {
            if (views.Know() is not { } known
                || await callers.ReviewAsync(context.Request, known, stop) is not CallerReview.Known(var reader))
                return;
            var view = views.Of(known, reader);
            if (shown?.Version != view.Version)
                await BoundedWrite.SendAsync(context, PageChange.Of(shown, view).ToEvent(), time);
            else if (time.GetElapsedTime(saidAt) >= Silence)
                await BoundedWrite.SendAsync(context, ": nothing new\n\n"u8.ToArray(), time);
            else
                continue;
            (shown, saidAt) = (view, time.GetTimestamp());
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    private async Task GuardAsync(HttpContext context, Func<Task> answer)
    {
        PageHeaders.Set(context.Response);
        try
        {
            await answer();
        }
        catch (OperationCanceledException) when (
            context.RequestAborted.IsCancellationRequested || lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Nobody waits for it any more, or soon nobody answers.
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            if (failed.Count() is { } times)
                LogFailed(error, times);
            await RefuseAsync(context, StatusCodes.Status500InternalServerError,
                "The controller failed to make the page; its log says why.");
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string why)
    {
        if (status != StatusCodes.Status401Unauthorized)
            return SendAsync(context, status, Document.Refusal(why));
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return SendAsync(context, status, Document.SignIn(why));
    }

    private static async Task SendAsync(HttpContext context, int status, Html document)
    {
        var (response, bytes) = (context.Response, Encoding.UTF8.GetBytes(document.Text));
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        if (!TakesGzip(context.Request))
        {
            await response.Body.WriteAsync(bytes, context.RequestAborted);
            return;
        }
        response.Headers.ContentEncoding = "gzip";
        await using var gzip = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
        await gzip.WriteAsync(bytes, context.RequestAborted);
    }

    private static bool TakesGzip(HttpRequest request) =>
        request.GetTypedHeaders().AcceptEncoding.Any(e => e.Value == "gzip" && e.Quality != 0);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "{Times} status pages could not be made; this is the last, and they are told of at most once a "
            + "minute")]
    private partial void LogFailed(Exception error, int times);
}
