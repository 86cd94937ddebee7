using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.Claims;

/// <summary>
/// Deletes registrations because their pods ask for it. A job can read its pod's token and ask as often as it likes:
/// see <see cref="PodCall"/> for what that costs.
/// </summary>
internal sealed class PodCalls(IRunnerRegistrar registrar, RunnerNotes notes, TimeProvider time)
{
    /// <summary>Deletes the identity's registration, or repeats what GitHub said of it last.</summary>
    public async Task<PodCallAnswer> DeleteAsync(PodFacts pod, Grant grant, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (!notes.TryUpdate(pod.Uid, note => PodCall.Begin(note, grant.RunnerName, now)))
            return Remembered(notes.Of(pod.Uid).Call, grant, now);
        var said = Deletion.Unknown;
        try
        {
            var id = notes.Of(pod.Uid).RunnerId;
            said = (await registrar.DeregisterAsync(grant.Target, grant.RunnerName, id, cancel)).AsDeletion();
        }
        finally
        {
            notes.TryUpdate(pod.Uid, n => n.Call is { Said: null } call && call.RunnerName == grant.RunnerName
                ? n with { Call = call with { Said = said } }
                : null);
        }
        return new(said, IsNew: true, PodCall.Every);
    }

    private static PodCallAnswer Remembered(PodCall? call, Grant grant, DateTimeOffset now) => new(
        call?.RunnerName == grant.RunnerName ? call.Said : Deletion.Unknown,
        IsNew: false,
        call?.NextAt > now ? call.NextAt - now : PodCall.Every);
}

/// <summary>What became of a deletion that a pod asked for.</summary>
/// <param name="Said">GitHub's answer; null while another request of the pod is asking.</param>
/// <param name="IsNew">Whether GitHub was asked now.</param>
/// <param name="NextIn">How long the pod has to wait before GitHub may be asked anew.</param>
internal readonly record struct PodCallAnswer(Deletion? Said, bool IsNew, TimeSpan NextIn);
