using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Explaining;

namespace RunnerScaler.Control.Terms;

/// <summary>Gathers what a term knows, for answers to people.</summary>
internal sealed class InquiryHandler(
    JobBoardStore board,
    PoolReadings readings,
    EndedRunners ended,
    UnmatchedMemory unmatched,
    RecentFigures figures,
    IEnumerable<IBudgetSource> budgets,
    TimeProvider time)
{
    public Knowledge Gather() => new()
    {
        Now = time.GetUtcNow(),
        Board = board.Now,
        Pools = readings.All,
        Ended = ended.All,
        Unmatched = unmatched.All,
        Phases = figures.All,
        Budgets = [.. budgets.SelectMany(source => source.Budgets)],
    };
}
