namespace RunnerScaler.GitHub.Http;

/// <summary>An answer came that cannot be GitHub's, or lacks what it must have.</summary>
internal sealed class UnusableAnswerException(string message) : HttpRequestException(message);
