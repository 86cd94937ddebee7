using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Control.Sweep;

/// <summary>Looks through registrations for those that a restart, or a failure, has forgotten.</summary>
internal sealed class RegistrationSweep(
    IPoolStore pools,
    IRunnerRegistrar registrar,
    JobBoardStore board,
    Authorities authorities,
    Suspects suspects,
    RunnerVersions versions)
{
    /// <summary>One look through all registrations at all targets that pools may have used.</summary>
    /// <param name="lives">Is told before each request: there may be many.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task SweepAsync(Action lives, CancellationToken cancel)
    {
        var departed = authorities.Departed;
        Pool[] valid =
            [.. pools.Pools.Where(p => p.Pool is not null).Select(p => p.Pool!), .. departed.Select(d => d.Pool)];
        var targets = pools.Pools.Where(p => p.Pool is not null)
            .SelectMany(p => SweepTargets.Of(p.Pool!, board.Now))
            .Concat(departed.SelectMany(d => d.Targets))
            .Distinct().OrderBy(t => t.ToString(), StringComparer.Ordinal);
        var looked = new HashSet<RegistrationTarget>();
        foreach (var target in targets)
        {
            lives();
            looked.Add(target);
            if (await registrar.ListAsync(target, cancel) is not { } registrations)
                continue;
            versions.Saw(target, registrations
                .Where(r => Suspects.IsOurs(valid, target, r.Name)).Select(r => r.Version).OfType<string>());
            var idle = registrations.Where(r => !r.Busy).ToDictionary(r => r.Id);
            suspects.Acquit(s => s.Target == target && !idle.ContainsKey(s.Id));
            foreach (var registration in idle.Values)
                await suspects.JudgeAsync(valid, target, registration, cancel);
        }
        suspects.Acquit(s => !looked.Contains(s.Target));
        versions.Keep(looked);
    }
}
