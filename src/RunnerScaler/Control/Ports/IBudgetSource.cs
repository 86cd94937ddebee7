using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Control.Ports;

/// <summary>Tells what GitHub's limits leave.</summary>
internal interface IBudgetSource
{
    /// <summary>What GitHub said last of each limit of each credential in use. Quick, and safe to call from any
    /// thread.</summary>
    IEnumerable<BudgetFigure> Budgets { get; }
}
