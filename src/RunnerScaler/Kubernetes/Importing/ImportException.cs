namespace RunnerScaler.Kubernetes.Importing;

/// <summary>Nothing can be imported; the message is the sentence to show.</summary>
internal sealed class ImportException(string message) : Exception(message);
