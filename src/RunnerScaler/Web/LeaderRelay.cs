using System.Net.Http.Headers;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Web;

/// <summary>Passes what only the replica that leads can answer on to it, and its answers back.</summary>
internal sealed partial class LeaderRelay(LeaderGate gate, TimeProvider time, ILogger<LeaderRelay> log) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const int LongestAnswer = 16 * 1024 * 1024;

    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = Patience / 3,
        PooledConnectionIdleTimeout = Patience,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = LongestAnswer,
    };

    /// <summary>Asks the leader the same, as the same one, and passes its answer on.</summary>
    /// <param name="context">The question, which gets the answer.</param>
    /// <returns>Why there is no answer: a sentence; null if there is.</returns>
    public Task<string?> PassAsync(HttpContext context) =>
        PassAsync(context, l => QuestionOf(context.Request, l), HttpCompletionOption.ResponseContentRead,
            context.RequestAborted);

    /// <summary>The same for an answer that goes on and on: each piece is passed on at once.</summary>
    /// <param name="context">The question, which gets the answer.</param>
    /// <param name="cancel">Ends it, as the leader may.</param>
    /// <returns>Why there is no answer: a sentence; null if there is.</returns>
    public Task<string?> PassStreamAsync(HttpContext context, CancellationToken cancel) =>
        PassAsync(context, l => QuestionOf(context.Request, l), HttpCompletionOption.ResponseHeadersRead, cancel);

    /// <summary>Sends the leader another request than the one that came, and its answer back to who asked.</summary>
    /// <param name="context">What was asked here, which gets the answer.</param>
    /// <param name="ask">The request for the leader, whose own address comes before the path.</param>
    /// <returns>The status that the leader answered with; null if nobody was asked, or nobody answered, and so nothing
    /// was sent back.</returns>
    public async Task<int?> PassAsync(HttpContext context, HttpRequestMessage ask) =>
        await PassAsync(
            context, l => SentTo(l, ask), HttpCompletionOption.ResponseContentRead, context.RequestAborted) is null
            ? context.Response.StatusCode
            : null;

    private async Task<string?> PassAsync(
        HttpContext context, Func<Uri, HttpRequestMessage> ask, HttpCompletionOption until, CancellationToken cancel)
    {
        var leader = gate.Leader;
        if (context.Request.Headers.ContainsKey(ApiHeaders.Passed) || leader?.Address is not { } address)
            return NotLeading(leader);
        using var late = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            using var question = ask(address);
            question.Headers.Add(ApiHeaders.Passed, "true");
            using var answer = await http.SendAsync(question, until, either.Token);
            context.Response.StatusCode = (int)answer.StatusCode;
            context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            await CopyAsync(answer, context, cancel);
            return null;
        }
        catch (IOException) when (context.Response.HasStarted)
        {
            // The leader has ended in the middle: so does its answer, and whoever asks again is sent to the next one.
            context.Abort();
            return null;
        }
        catch (Exception e) when (!context.Response.HasStarted
            && (e is HttpRequestException || (e is OperationCanceledException && late.IsCancellationRequested)))
        {
            LogSilent(address, e);
            return NotLeading(leader);
        }
    }

    private async Task CopyAsync(HttpResponseMessage answer, HttpContext context, CancellationToken cancel)
    {
        var buffer = new byte[16 * 1024];
        await using var body = await answer.Content.ReadAsStreamAsync(cancel);
        while (await body.ReadAsync(buffer, cancel) is var read and > 0)
            await BoundedWrite.SendAsync(context, buffer.AsMemory(0, read), time);
    }

    public void Dispose() => http.Dispose();

    /// <summary>The same question, of the same caller.</summary>
    private static HttpRequestMessage QuestionOf(HttpRequest asked, Uri leader)
    {
        var question = new HttpRequestMessage(HttpMethod.Get, new Uri(leader, $"{asked.Path}{asked.QueryString}"));
        question.Headers.TryAddWithoutValidation("Accept", asked.Headers.Accept.ToString());
        if (BearerToken.OfCaller(asked) is { } token)
            question.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return question;
    }

    private static HttpRequestMessage SentTo(Uri leader, HttpRequestMessage ask)
    {
        ask.RequestUri = new Uri(leader, ask.RequestUri!);
        return ask;
    }

    private static string NotLeading(Leader? leader)
    {
        if (leader is null)
            return "This replica does not lead, and does not know who does; ask again in a few seconds.";
        var why = leader.Address is null ? "has not said where it answers" : "does not answer it";
        return $"This replica does not lead, and {leader.Name.Quote()}, which does as far as it knows, {why}. Ask "
            + "again in a few seconds, or that pod itself: its name has a hyphen and eight characters less.";
    }

    [LoggerMessage(
        Level = LogLevel.Information, Message = "The leader at {Leader} did not answer what was passed on to it")]
    private partial void LogSilent(Uri leader, Exception why);
}
