using RunnerScaler.Control;
using RunnerScaler.Control.Ports;

namespace RunnerScaler.Web;

/// <summary>
/// <c>GET /healthz</c>: whether every loop still beats; if not, only a restart helps. <c>GET /readyz</c>: whether the
/// caches are filled. A replica that does not lead is ready all the same: its caches are warm, and it answers claims.
/// </summary>
internal sealed class HealthDoor(Heartbeats heartbeats, IPodStore pods, IPoolStore pools)
{
    public Task LiveAsync(HttpContext context) =>
        AnswerAsync(context, [.. heartbeats.Overdue().Select(loop => $"The loop '{loop}' has stopped beating.")]);

    public Task ReadyAsync(HttpContext context)
    {
        List<string> missing = [];
        if (!pools.Synced)
            missing.Add("The RunnerPools have not been listed yet.");
        if (!pods.Synced)
            missing.Add("The pods have not been listed yet.");
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
