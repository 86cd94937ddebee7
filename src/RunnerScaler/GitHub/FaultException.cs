using RunnerScaler.Scaling;

namespace RunnerScaler.GitHub;

/// <summary>A request was not sent, or will not succeed, for a reason that is known and said in the fault.</summary>
internal sealed class FaultException(Fault fault) : Exception(fault.Message)
{
    public Fault Fault { get; } = fault;
}
