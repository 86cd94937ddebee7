using System.Net.Http.Headers;
using RunnerScaler.Control.Ports;

namespace RunnerScaler.Web;

/// <summary>Passes questions on to the replica that leads, and its answers back.</summary>
internal sealed partial class LeaderRelay(TimeProvider time, ILogger<LeaderRelay> log) : IDisposable
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

    /// <summary>Asks the leader the same, as the same one.</summary>
    /// <param name="context">The question, which gets the answer.</param>
    /// <param name="leader">Where the leader answers.</param>
    /// <param name="token">Who asks; null where nobody has to say it.</param>
    /// <returns>Whether the leader answered.</returns>
    public async Task<bool> PassAsync(HttpContext context, Uri leader, string? token)
    {
        using var late = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, late.Token);
        try
        {
            using var question = QuestionOf(context.Request, leader, token);
            using var answer = await http.SendAsync(question, either.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(either.Token);
            context.Response.StatusCode = (int)answer.StatusCode;
            context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
            return true;
        }
        catch (Exception e)
            when (e is HttpRequestException || (e is OperationCanceledException && late.IsCancellationRequested))
        {
            LogSilent(leader, e);
            return false;
        }
    }

    public void Dispose() => http.Dispose();

    private static HttpRequestMessage QuestionOf(HttpRequest asked, Uri leader, string? token)
    {
        var question = new HttpRequestMessage(HttpMethod.Get, new Uri(leader, $"{asked.Path}{asked.QueryString}"));
        question.Headers.TryAddWithoutValidation("Accept", asked.Headers.Accept.ToString());
        question.Headers.Add(ApiHeaders.Passed, "true");
        if (token is not null)
            question.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return question;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The leader at {Leader} did not answer a question")]
    private partial void LogSilent(Uri leader, Exception why);
}
