using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Options;
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
    IAccessReviewer reviewer,
    LeaderGate gate,
    LeaderRelay relay,
    IEnumerable<ICheck> checks,
    IOptions<WebOptions> options,
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
            context, new([.. found.SelectMany(answers => answers), .. PoolChecks.Of(known, reader)]),
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
            if (await ReaderAsync(context, known) is not { } reader)
                return;
            if (known is null)
                await PassAsync(context, gate.Leader);
            else
                await answer(known, reader);
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

    /// <returns>Null if there is none, and that is answered.</returns>
    private async Task<Reader?> ReaderAsync(HttpContext context, Knowledge? known)
    {
        if (options.Value.Anonymous)
            return Reader.OfAll;
        if (BearerToken.OfCaller(context.Request) is not { } token)
        {
            await UnauthorizedAsync(context, "Show who you are: send a token for the cluster as 'Authorization: Bearer "
                + "TOKEN', such as 'kubectl create token' gives.");
            return null;
        }
        var namespaces = known?.Pools.Select(p => p.Key.Namespace).Distinct() ?? [];
        switch (await reviewer.ReviewAsync(token, [.. namespaces], context.RequestAborted))
        {
            case AccessResult.Known(var reader):
                return reader;
            case AccessResult.Unavailable(var why):
                await Answers.RefuseAsync(context, 503, why.Length > 0
                    ? why
                    : "The API server does not say now whose token it is; ask again.");
                return null;
            default:
                await UnauthorizedAsync(context, "The API server does not take this token: it must be one for the "
                    + "cluster itself, not run out, and whole.");
                return null;
        }
    }

    private async Task PassAsync(HttpContext context, Leader? leader)
    {
        var isPassed = context.Request.Headers.ContainsKey(ApiHeaders.Passed);
        var token = BearerToken.OfCaller(context.Request);
        if (isPassed || leader?.Address is not { } address || !await relay.PassAsync(context, address, token))
            await Answers.RefuseAsync(context, 503, NotLeading(leader?.Name));
    }

    private static Task UnauthorizedAsync(HttpContext context, string why)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Answers.RefuseAsync(context, 401, why);
    }

    private static Task UnknownAsync(HttpContext context, string why) => Answers.RefuseAsync(context, 404, why);

    private static string NotLeading(string? leader) => leader is null
        ? "This replica does not lead, and does not know who does; ask again in a few seconds."
        : $"This replica does not lead, and {leader.Quote()}, which does as far as it knows, does not answer it. Ask "
            + "again in a few seconds, or that pod itself: its name has a hyphen and eight characters less.";

    private static string What(string kind, long id) => string.Create(CultureInfo.InvariantCulture, $"{kind} {id}");

    private static string Route(HttpContext context, string name) => context.Request.RouteValues[name] as string ?? "";

    [LoggerMessage(Level = LogLevel.Error,
        Message = "{Times} explanations could not be made; this is the last, and they are told of at most once a "
            + "minute")]
    private partial void LogFailed(Exception error, int times);
}
