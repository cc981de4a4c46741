import { fakeSubject } from '../test/fake-subject.js';
import { describeTransport } from './conformance.js';

describeTransport('FakeTransport, as in Node', () => fakeSubject());

describeTransport('FakeTransport, as in a browser', () =>
  fakeSubject({ canPing: false, takesHeaders: false, enforcesMaxMessageBytes: false }),
);
