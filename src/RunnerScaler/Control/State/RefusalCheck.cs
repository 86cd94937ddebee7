using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Control.State;

/// <summary>What the API server refuses, as it was asked from time to time, and when it was needed.</summary>
internal sealed class RefusalCheck(Refusals refusals) : ICheck
{
    private const int LongestLine = 1024;

    public Task<ImmutableArray<CheckAnswer>> RunAsync(ImmutableArray<string> servers, CancellationToken cancel)
    {
        ImmutableArray<CheckAnswer> found = [.. refusals.Standing.Select(Of)];
        return Task.FromResult(found.IsEmpty
            ? [CheckAnswer.Fine("rights", null, "The API server refuses nothing that the controller needs.")]
            : found);
    }

    private static CheckAnswer Of(StandingRefusal standing) => new(
        "rights",
        standing.Hurt == Impact.Little ? CheckLevel.Warning : CheckLevel.Failure,
        null,
        PlainText.Line(
            $"The API server refuses to {standing.Refusal.Request}: {standing.Refusal.Message}", LongestLine),
        Rights.AdviceFor(standing.Refusal));
}
