using RunnerScaler.GitHub.Client;


namespace RunnerScaler.Tests.GitHub;

public sealed class ApiAddressTests
{
    [Theory]
    [InlineData("https://github.com", "https://api.github.com/")]
    [InlineData("https://GitHub.com", "https://api.github.com/")]
    [InlineData("https://octo.ghe.com", "https://api.octo.ghe.com/")]
    [InlineData("https://ghes.example", "https://ghes.example/api/v3/")]
    [InlineData("https://ghes.example:8443", "https://ghes.example:8443/api/v3/")]
    [InlineData("https://notghe.com", "https://notghe.com/api/v3/")]
    [InlineData("http://127.0.0.1:5000", "http://127.0.0.1:5000/api/v3/")]
    [InlineData("http://localhost:5000", "http://localhost:5000/api/v3/")]
    [InlineData("http://[::1]:5000", "http://[::1]:5000/api/v3/")]
    public void EachKindOfServerHasItsApi(string server, string api) =>
        Assert.Equal(new Uri(api), ApiAddress.For(server));

    [Theory]
    [InlineData("http://ghes.example")]
    [InlineData("http://10.0.0.1")]
    [InlineData("ftp://github.com")]
    [InlineData("github.com")]
    [InlineData("")]
    public void OthersAreRefused(string server) =>
        Assert.Throws<ArgumentException>(() => ApiAddress.For(server));
}
