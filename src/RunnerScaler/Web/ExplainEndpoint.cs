using System.Collections.Immutable;
using System.Globalization;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Web;

/// <summary>What the controller knows now; null if this replica does not lead.</summary>
internal delegate Knowledge? AskKnowledge();

/// <summary>
/// <c>GET /api/v1/…</c>, as <c>docs/explain.md</c> has it: why jobs wait. Whoever asks shows a token for the cluster as
/// <c>Authorization: Bearer</c>, wherever he comes from, and is told of the pools that he may get: all else does not
/// exist for him.
/// </summary>
/// <remarks>No token is logged or kept.</remarks>
internal sealed partial class ExplainEndpoint(
    AskKnowledge ask,
    Callers callers,
    LeaderRelay relay,
    IEnumerable<ICheck> checks,
    TimeProvider time,
    ILogger<ExplainEndpoint> log)
{
    private static readonly TimeSpan toldEvery = TimeSpan.FromMinutes(1);

    private readonly Tally failed = new(toldEvery, time);

    private delegate Task Answer(Knowledge known, Reader reader);

    public Task JobAsync(HttpContext context) => ByIdAsync(context, "job", async (known, reader, id, where) =>
    {
        if (JobExplanation.Of(known, reader, id, where) is { } job)
            await Answers.SendAsync(context, job, AnswerJson.Default.JobAnswer, HumanText.Of);
        else
            await UnknownAsync(context, UnservedWords.Unknown(known, reader, What("job", id), where));
    });

    public Task RunAsync(HttpContext context) => ByIdAsync(context, "run", async (known, reader, id, where) =>
    {
        if (RunExplanation.Of(known, reader, id, where) is { } run)
            await Answers.SendAsync(context, run, AnswerJson.Default.RunAnswer, HumanText.Of);
        else
            await UnknownAsync(context, UnservedWords.Unknown(known, reader, What("run", id), where));
    });

    public Task PoolsAsync(HttpContext context) => HandleAsync(context, (known, reader) => Answers.SendAsync(
        context, PoolExplanation.All(known, reader), AnswerJson.Default.PoolsAnswer, HumanText.Of));

    public Task PoolAsync(HttpContext context) => HandleAsync(context, async (known, reader) =>
    {
        var key = new PoolKey(Route(context, "ns"), Route(context, "name"));
        if (PoolExplanation.Of(known, reader, key) is { } pool)
            await Answers.SendAsync(context, pool, AnswerJson.Default.PoolAnswer, HumanText.Of);
        else
            await UnknownAsync(context, $"There is no pool {$"{key}".Quote()} that you may read: see "
                + "'kubectl get runnerpools -A', and whether you may get runnerpools in that namespace.");
    });

    public Task PodAsync(HttpContext context) => HandleAsync(context, async (known, reader) =>
    {
        var (ns, name) = (Route(context, "ns"), Route(context, "name"));
        if (PodExplanation.Of(known, reader, ns, name) is { } pod)
            await Answers.SendAsync(context, pod, AnswerJson.Default.PodAnswer, HumanText.Of);
        else
            await UnknownAsync(context, $"There is no pod {$"{ns}/{name}".Quote()} of a pool that you may read, and "
                + $"none of the last {EndedRunners.Most} that ended had this name.");
    });

    /// <summary>What the checks find. Those that are no pool's are for who may read all.</summary>
    public Task ChecksAsync(HttpContext context) => HandleAsync(context, async (known, reader) =>
    {
        ImmutableArray<string> servers =
            [.. known.Pools.Select(p => p.Input?.Pool.Account.Server).OfType<string>().Distinct().Order()];
        var found = reader.MayRead(null)
            ? await Task.WhenAll(checks.Select(check => check.RunAsync(servers, context.RequestAborted)))
            : [];
        await Answers.SendAsync(
            context,
            new(
                [
                    .. found.SelectMany(answers => answers),
                    .. BudgetChecks.Of(known, reader),
                    .. LabelChecks.Of(known, reader),
                    .. PoolChecks.Of(known, reader),
                ]),
            AnswerJson.Default.ChecksAnswer, HumanText.Of);
    });

    private Task ByIdAsync(
        HttpContext context, string what, Func<Knowledge, Reader, long, RepositoryName?, Task> answer) =>
        HandleAsync(context, (known, reader) =>
        {
            var (id, repository) = (Route(context, "id"), context.Request.Query["repository"].ToString());
            var where = repository.Length == 0 ? null : RepositoryName.Read(repository);
            if (!long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return Answers.RefuseAsync(context, 400, $"{id.Quote()} is no id of a {what}: give GitHub's number, "
                    + "which is in its address.");
            return repository.Length > 0 && where is null
                ? Answers.RefuseAsync(context, 400, $"{repository.Quote()} is no repository: give OWNER/NAME or "
                    + "https://HOST/OWNER/NAME.")
                : answer(known, reader, number, where);
        });

    private async Task HandleAsync(HttpContext context, Answer answer)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            var known = ask();
            switch (await ReviewAsync(context, known))
            {
                case CallerReview.Refused(var status, var why):
                    await Answers.RefuseAsync(context, status, why);
                    break;
                case CallerReview.Known(var reader) when known is not null:
                    await answer(known, reader);
                    break;
                default:
                    if (await relay.PassAsync(context) is { } whyNot)
                        await Answers.RefuseAsync(context, 503, whyNot);
                    break;
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for it any more.
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            if (failed.Count() is { } times)
                LogFailed(error, times);
            await Answers.RefuseAsync(context, 500, "The controller failed to make the answer; its log says why.");
        }
    }

    private async Task<CallerReview> ReviewAsync(HttpContext context, Knowledge? known)
    {
        var review = await callers.ReviewAsync(context.Request, known, context.RequestAborted);
        if (review is CallerReview.Refused { Status: StatusCodes.Status401Unauthorized })
            context.Response.Headers.WWWAuthenticate = "Bearer";
        return review;
    }

    private static Task UnknownAsync(HttpContext context, string why) => Answers.RefuseAsync(context, 404, why);

    private static string What(string kind, long id) => string.Create(CultureInfo.InvariantCulture, $"{kind} {id}");

    private static string Route(HttpContext context, string name) => context.Request.RouteValues[name] as string ?? "";

    [LoggerMessage(Level = LogLevel.Error,
        Message = "{Times} explanations could not be made; this is the last, and they are told of at most once a "
            + "minute")]
    private partial void LogFailed(Exception error, int times);
}
