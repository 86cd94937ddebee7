namespace RunnerImage.Web;

/// <summary>Why something cannot be got from a server, in the words of Docker's programs.</summary>
internal sealed class TransferException(string message) : Exception(message);
