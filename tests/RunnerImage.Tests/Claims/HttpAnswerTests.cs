using System.Text;
using CsCheck;
using RunnerImage.Claims;
using RunnerScaler.Protocol;

namespace RunnerImage.Tests.Claims;

public sealed class HttpAnswerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, "hi")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\nhi", 200, "hi")]
    [InlineData("HTTP/1.1 200\nContent-Length: 2\n\nhi there", 200, "hi")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204, "")]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: CHUNKED\r\n\r\n1;x=y\r\nh\r\n1\r\ni\r\n0\r\n\r\n", 200, "hi")]
    [InlineData("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, "")]
    public async Task AnswersAreRead(string text, int status, string body)
    {
        var answer = await ReadAsync(Encoding.ASCII.GetBytes(text));
        Assert.Equal((status, body), (answer.Status, Encoding.ASCII.GetString(answer.Body.Span)));
    }

    [Theory]
    [InlineData("Retry-After: 7", 7)]
    [InlineData("retry-after:0", 0)]
    [InlineData("Retry-After: -1", null)]
    [InlineData("Retry-After: Wed, 21 Oct 2026 07:28:00 GMT", null)]
    [InlineData("X-Retry-After: 7", null)]
    public async Task TheTimeToWaitIsRead(string header, int? seconds) => Assert.Equal(
        seconds, (await ReadAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 503 No\r\n{header}\r\n\r\n"))).RetryAfter);

    /// <summary>Whatever comes, it is an answer or an exception that the client knows.</summary>
    [Fact]
    public void NothingElseComesOfGarbage()
    {
        string[] usual =
        [
            "HTTP/1.1 200 OK\r\n", "\r\n", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n",
            "0\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "abc", ": \n", "Retry-After: 5\r\n",
        ];
        var pieces = Gen.OneOf(Gen.Int[0, usual.Length - 1].Select(i => usual[i]), Gen.String[0, 20]);
        pieces.Array[0, 12].Sample(parts =>
        {
            try
            {
                var answer = ReadAsync(Encoding.UTF8.GetBytes(string.Concat(parts))).GetAwaiter().GetResult();
                Assert.InRange(answer.Status, 200, 599);
            }
            catch (FormatException)
            {
                // As it should.
            }
        });
    }

    private static Task<ClaimReply> ReadAsync(byte[] bytes) => HttpAnswer.ReadAsync(new MemoryStream(bytes), Cancel);
}
