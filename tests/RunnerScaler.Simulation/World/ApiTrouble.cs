using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.Simulation.World;

/// <summary>What the API server refuses now: rights, rules and limits come and go.</summary>
internal sealed class ApiTrouble(Env env)
{
    private readonly List<Obstacle> all = [];

    /// <summary>What stands in the way now.</summary>
    public IEnumerable<Obstacle> Standing => all.Where(o => o.Until > env.Scheduler.Elapsed);

    public void Add(Obstacle obstacle)
    {
        var what = $"{obstacle.Verb ?? "all"} {obstacle.Resource ?? "requests"}";
        env.Say("api", $"{obstacle.Reason} for {what} until {obstacle.Until:hh\\:mm\\:ss}");
        all.Add(obstacle);
    }

    /// <summary>The refusal of this request; null if it is let through.</summary>
    public Refusal? Of(ApiRequest request)
    {
        if (all.Count == 0 || Standing.FirstOrDefault(o => o.Stops(request)) is not { } obstacle)
            return null;
        if (request is { Verb: "watch" } && !(obstacle is { Verb: "watch" } or { Resource: null }))
            return null;
        env.Faults.Met(obstacle.Kind);
        env.Wire.Mishap(request.ToString(), $"is refused: {obstacle.Reason}");
        return new(obstacle.Reason, request, obstacle.Message(request), obstacle.RetryAfter);
    }
}
