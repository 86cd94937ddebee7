using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Web;

/// <summary>
/// <c>GET /healthz</c>: whether every loop still beats; if not, only a restart helps. <c>GET /readyz</c>: whether the
/// caches are filled, and the API server refuses nothing without which nothing can be done. A replica that does not
/// lead is ready all the same: its caches are warm, and it answers claims.
/// </summary>
internal sealed class HealthEndpoint(Heartbeats heartbeats, IPodStore pods, IPoolStore pools, Refusals refusals)
{
    private const int LongestLine = 1024;

    public Task LiveAsync(HttpContext context) =>
        AnswerAsync(context, [.. heartbeats.Overdue().Select(loop => $"The loop '{loop}' has stopped beating.")]);

    public Task ReadyAsync(HttpContext context)
    {
        List<string> missing = [];
        if (!pools.Synced)
            missing.Add("The RunnerPools have not been listed yet.");
        if (!pods.Synced)
            missing.Add("The pods have not been listed yet.");
        missing.AddRange(refusals.Standing
            .Where(s => s.Refusal.IsLasting && (missing.Count > 0 || Rights.IsVital(s.Refusal.Request)))
            .Select(s => PlainText.Line(s.Refusal.Sentence, LongestLine)));
        return AnswerAsync(context, missing);
    }

    private static Task AnswerAsync(HttpContext context, List<string> problems)
    {
        var response = context.Response;
        response.StatusCode = problems.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        response.ContentType = "text/plain; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        return response.WriteAsync(problems.Count == 0 ? "ok\n" : string.Join('\n', problems) + "\n");
    }
}
