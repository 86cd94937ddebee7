namespace RunnerScaler.Control.Work;

/// <summary>Thrown by a write that was not sent, because this replica's lease has run out.</summary>
internal sealed class LeadershipLostException() : Exception("The lease is lost: another replica may lead by now.");
